"""Images of this tool that nothing needs, and removing them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bootstrap.host.docker_api import Engine
from bootstrap.host.docker_view import Image
from bootstrap.runtimes.docker.course_image import FILLED, GENERATION_LABEL
from bootstrap.runtimes.docker.image import NAMESPACE


@dataclass(frozen=True, slots=True)
class UnusedImage:
    """An image, or a pair of them, that can go: all names that it has, and its bytes."""

    name: str
    names: tuple[str, ...]
    size: int

    def remove(self, engine: Engine) -> None:
        """Remove every name; the engine deletes the content with the last."""
        for name in self.names:
            engine.remove_image(name)


def unused_images(
    images: Iterable[Image], *, names: Collection[str], digests: Collection[str]
) -> tuple[UnusedImage, ...]:
    """Those of our images that no container uses and that nobody needs.

    images are all that the engine has; names are of images that are needed, digests of generations
    whose course images are.
    """
    ours = [image for image in images if _our_names(image)]
    stay = [one for one in ours if one.used or one.labels.get(GENERATION_LABEL) in digests]
    needed = {*names, *(tag for image in stay for tag in image.tags)}
    needed |= {_filled(name) for name in needed}
    gone = {_our_names(image)[0]: image for image in ours if not needed & set(image.tags)}
    # The environment that a course image was built on is a layer of it: its bytes are counted once.
    below = {_filled(tag) for tag in gone}
    return tuple(
        _unused(tag, image, gone.get(_filled(tag)))
        for tag, image in sorted(gone.items())
        if tag not in below
    )


def _filled(course_image: str) -> str:
    """The name of the image that a course image is built on."""
    repository, _, tag = course_image.rpartition(":")
    return f"{repository}{FILLED}:{tag}"


def _our_names(image: Image) -> tuple[str, ...]:
    return tuple(tag for tag in image.tags if tag.startswith(NAMESPACE))


def _unused(name: str, image: Image, below: Image | None) -> UnusedImage:
    """An image to remove, with the one that it is built on."""
    names = _our_names(image)
    if names == image.tags:
        return UnusedImage(
            name, (*names, *image.digests, *(below.tags if below else ())), image.size
        )
    return UnusedImage(name, names, 0)  # somebody gave it a name too: its content stays

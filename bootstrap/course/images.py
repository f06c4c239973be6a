"""A container image, pinned by digest."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PATH_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_NAME = (
    rf"(?:(?P<registry>localhost(?::\d+)?|[\w-]+(?:\.[\w-]+)+(?::\d+)?|[\w-]+:\d+)/)?"
    rf"(?P<repository>{_PATH_PART}(?:/{_PATH_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?"
)
_DIGEST = r"@(?P<digest>sha256:[0-9a-f]{64})"
_REFERENCE = re.compile(_NAME + _DIGEST, re.ASCII)
_NAMED = re.compile(rf"{_NAME}(?:{_DIGEST})?", re.ASCII)
_DOCKER_HUB = "docker.io"


@dataclass(frozen=True, slots=True)
class ImageReference:
    """An image as `registry/repository:tag@digest`; the digest decides, the tag is for people."""

    registry: str
    repository: str
    tag: str | None
    digest: str

    @classmethod
    def parse(cls, text: object) -> ImageReference:
        """Read a reference as people write it (`postgres:17@sha256:...`), Docker Hub understood.

        Raises ValueError, worded for the person who wrote it, when there is no digest or the text
        is no reference at all.
        """
        if isinstance(text, cls):
            return text
        if not isinstance(text, str):
            raise ValueError("must be text such as docker.io/library/postgres:17@sha256:...")  # noqa: TRY004 - pydantic reports ValueError, a TypeError would be a bug
        found = _REFERENCE.fullmatch(text)
        if found is None:
            raise ValueError(_refusal(text))
        registry, repository = found["registry"] or _DOCKER_HUB, found["repository"]
        if registry == _DOCKER_HUB and "/" not in repository:
            repository = f"library/{repository}"
        return cls(registry, repository, found["tag"], found["digest"])

    @property
    def name(self) -> str:
        """Where the image lives, without tag and digest: `docker.io/library/postgres`."""
        return f"{self.registry}/{self.repository}"

    @property
    def pinned(self) -> str:
        """What to pull: name and digest. The tag is left out, for it can move and adds nothing."""
        return f"{self.name}@{self.digest}"

    def at(self, registry_prefix: str) -> str:
        """Give what to pull from a mirror: its address in front, repository and digest kept."""
        return f"{registry_prefix.rstrip('/')}/{self.repository}@{self.digest}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.name}{tag}@{self.digest}"


@dataclass(frozen=True, slots=True)
class ImageName:
    """An image as it is named where it need not be pinned; without a tag it is `latest`."""

    registry: str
    repository: str
    tag: str
    digest: str | None

    @classmethod
    def parse(cls, text: str) -> ImageName:
        """Read a name as people write it, Docker Hub understood. Raises ValueError."""
        found = _NAMED.fullmatch(text)
        if found is None:
            raise ValueError(f"{text[:120]!r} is no name of an image (registry/repository:tag)")
        registry, repository = found["registry"] or _DOCKER_HUB, found["repository"]
        if registry == _DOCKER_HUB and "/" not in repository:
            repository = f"library/{repository}"
        return cls(registry, repository, found["tag"] or "latest", found["digest"])

    @property
    def reference(self) -> str:
        """What a registry knows it by in its repository."""
        return self.digest or self.tag


def _refusal(text: str) -> str:
    name, _, digest = text.partition("@")
    if not digest:
        return (
            f"image {text[:80]!r} has no digest, and a tag can move: write"
            f" {name[:80] or 'NAME'}@sha256: and 64 hexadecimal digits"
            " (`docker buildx imagetools inspect IMAGE` prints it)"
        )
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        return (
            f"image digest {digest[:80]!r} is not one: it is `sha256:` and 64 hexadecimal digits"
            f" in lower case (here: {len(digest.removeprefix('sha256:'))} characters)"
        )
    return f"{text[:120]!r} is not an image reference (registry/repository:tag@sha256:...)"

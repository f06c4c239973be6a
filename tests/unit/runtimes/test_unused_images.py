"""Which images can go, and by which names."""

from __future__ import annotations

from bootstrap.host.docker_view import Image
from bootstrap.runtimes.docker.unused_images import UnusedImage, unused_images

LABEL = "mlops-bootstrap.generation"


def image(
    *tags: str,
    generation: str = "",
    digests: tuple[str, ...] = (),
    size: int = 5,
    used: bool = False,
) -> Image:
    labels = {LABEL: generation} if generation else {}
    return Image(f"sha256:{tags[0]}", tags, digests, labels, size, used)


def test_an_old_course_image_goes_with_what_it_was_built_on() -> None:
    images = [
        image("mlops-bootstrap/course:new"),
        image("mlops-bootstrap/course-environment:new"),
        image("mlops-bootstrap/course:old", size=7),
        image("mlops-bootstrap/course-environment:old", size=6),
        image("mlops-bootstrap/course-environment:broken", size=3),
        image("somebody/else:1"),
    ]
    assert unused_images(images, names={"mlops-bootstrap/course:new"}, digests=()) == (
        UnusedImage(
            "mlops-bootstrap/course-environment:broken",
            ("mlops-bootstrap/course-environment:broken",),
            3,
        ),
        UnusedImage(
            "mlops-bootstrap/course:old",
            ("mlops-bootstrap/course:old", "mlops-bootstrap/course-environment:old"),
            7,
        ),
    )


def test_the_image_of_a_kept_generation_of_another_course_stays() -> None:
    images = [
        image("mlops-bootstrap/other:1", generation="aa"),
        image("mlops-bootstrap/other-environment:1"),
        image("mlops-bootstrap/other:2", generation="bb"),
    ]
    (gone,) = unused_images(images, names=(), digests={"aa"})
    assert gone.names == ("mlops-bootstrap/other:2",)


def test_what_a_container_uses_stays_with_what_it_was_built_on() -> None:
    images = [
        image("mlops-bootstrap/course:old", used=True),
        image("mlops-bootstrap/course-environment:old"),
    ]
    assert unused_images(images, names=(), digests=()) == ()


def test_a_pulled_image_loses_its_digest_too_and_a_shared_one_only_our_name() -> None:
    ours = image("mlops-bootstrap/postgres:1", digests=("postgres@sha256:1",))
    shared = image("mlops-bootstrap/base:1", "python:3.12", digests=("python@sha256:2",))
    assert [
        (one.names, one.size) for one in unused_images([ours, shared], names=(), digests=())
    ] == [
        (("mlops-bootstrap/base:1",), 0),
        (("mlops-bootstrap/postgres:1", "postgres@sha256:1"), 5),
    ]

"""What an export is made from: a course and its locks, for one platform."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bootstrap import __version__
from bootstrap.core.errors import UsageError
from bootstrap.course.condalock import CondaPin
from bootstrap.course.images import ImageReference
from bootstrap.course.load import LoadedCourse
from bootstrap.course.locate import tool_requirements
from bootstrap.course.locks import (
    environment_digest,
    marker_environment,
    python_version,
    read_conda_lock,
    read_requirements,
    wanted,
)
from bootstrap.course.model import ARCHES, Arch, Course
from bootstrap.course.requirements import WheelPin
from bootstrap.export.origin import Origin

INSTALLERS = ("py-rattler", "uv")
"""What installs conda packages and wheels where this tool is not, out of its own pins."""


@dataclass(frozen=True)
class Subject:
    """A course on one platform (linux-64, linux-aarch64), as exports see it.

    digest is that of both locks together; conda and wheels are what they hold for the platform.
    shipped says whether the tool brings the course along; course_file is where the file is below
    the current folder, empty where it is not; origin is where the tool itself is to be had, None
    where that is not known.
    """

    loaded: LoadedCourse
    platform: str
    digest: str
    conda: tuple[CondaPin, ...]
    wheels: tuple[WheelPin, ...]
    shipped: bool
    course_file: str
    origin: Origin | None

    @property
    def course(self) -> Course:
        """The course itself."""
        return self.loaded.course

    @property
    def arch(self) -> Arch:
        """The platform as `uname -m` calls it."""
        return ARCHES[self.platform]

    @property
    def base(self) -> ImageReference:
        """The image that environments are put on. Raises UsageError E-EXPORT-IMAGE."""
        return self.image("base")

    def image(self, role: str) -> ImageReference:
        """An image of the course by its role. Raises UsageError E-EXPORT-IMAGE."""
        if role not in self.course.images:
            raise UsageError(
                "E-EXPORT-IMAGE",
                "the course names no image to build on",
                where=str(self.loaded.path),
                remedy=f"add `{role}:` below `images:`, an image with Python, by its digest",
            )
        return self.course.images[role]

    def header(self, target: str) -> tuple[str, ...]:
        """What a file says about itself, in lines without a sign for comments.

        There is no time in it: the same course, locks and tool make the same file.
        """
        return (
            f"Made by `mlops-bootstrap export {target}` {__version__}; do not edit.",
            f"course: {self.course.name} ({self.course.title}), {self.platform}",
            f"locks:  sha256:{self.digest}",
        )


def read_subject(
    loaded: LoadedCourse, platform: str, *, shipped: bool, course_file: str, origin: Origin | None
) -> Subject:
    """Read the locks of a course for a platform.

    Raises UsageError: E-LOCK-INVALID, E-LOCK-PLATFORM, E-LOCK-UNPINNED, E-COURSE-LOCK-MISSING.
    """
    conda = read_conda_lock(loaded.conda_lock, platform)
    environment = marker_environment(python_version(conda, loaded.conda_lock), ARCHES[platform])
    return Subject(
        loaded=loaded,
        platform=platform,
        digest=environment_digest(loaded.conda_lock, loaded.requirements),
        conda=conda,
        wheels=wanted(read_requirements(loaded.requirements), environment),
        shipped=shipped,
        course_file=course_file,
        origin=origin,
    )


def installers() -> tuple[WheelPin, ...]:
    """The pins of what installs an environment where this tool is not."""
    return tool_pins(INSTALLERS)


def tool_pins(names: Collection[str]) -> tuple[WheelPin, ...]:
    """The pins of some packages of this tool's own environment."""
    return tuple(pin for pin in read_requirements(tool_requirements()) if pin.name in names)


def commented(lines: tuple[str, ...], sign: str = "#") -> str:
    """Lines as comments, ending with a line break."""
    return "".join(f"{sign} {line}".rstrip() + "\n" for line in lines)

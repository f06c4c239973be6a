"""What a platform of a lock can use: C library, tags of wheels, environment of markers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bootstrap.core.errors import UsageError
from bootstrap.course.model import ARCHES, Arch
from bootstrap.course.requirements import marker_environment

OLDEST_GLIBC_MINOR = 5
"""manylinux begins with glibc 2.5 (PEP 600)."""

LEGACY = {"manylinux2014": 17, "manylinux2010": 12, "manylinux1": 5}
"""The names that manylinux tags had before PEP 600, and the glibc 2.x each stands for."""


@dataclass(frozen=True)
class WheelPlatform:
    """CPython of one version (3.12.13) on Linux of one architecture, on glibc 2.minor or newer."""

    arch: Arch
    python: str
    glibc_minor: int

    @cached_property
    def markers(self) -> dict[str, str]:
        """What the markers of requirements are evaluated against."""
        return marker_environment(self.python, self.arch)

    @cached_property
    def rank(self) -> dict[object, int]:
        """The tags of the wheels that can be installed, each with its place: lower is better."""
        from packaging.tags import compatible_tags, cpython_tags

        major, minor = (int(part) for part in self.python.split(".")[:2])
        systems = list(self._systems())
        tags = [
            *cpython_tags((major, minor), platforms=systems),
            *compatible_tags((major, minor), f"cp{major}{minor}", systems),
        ]
        return {tag: place for place, tag in enumerate(tags)}

    def best(self, filename: str) -> int | None:
        """The place of the best tag of a wheel's file name; None where it cannot be used."""
        from packaging.utils import parse_wheel_filename

        tags = parse_wheel_filename(filename)[3]
        return min((self.rank[tag] for tag in tags if tag in self.rank), default=None)

    def _systems(self) -> Iterator[str]:
        for minor in range(self.glibc_minor, OLDEST_GLIBC_MINOR - 1, -1):
            yield f"manylinux_2_{minor}_{self.arch}"
            yield from (f"{name}_{self.arch}" for name, at in LEGACY.items() if at == minor)
        yield f"linux_{self.arch}"


def arches_of(platforms: tuple[str, ...]) -> tuple[Arch, ...]:
    """The architectures of conda platforms.

    Raises UsageError E-LOCK-PLATFORM for an unknown one.
    """
    for platform in platforms:
        if platform not in ARCHES:
            raise UsageError(
                "E-LOCK-PLATFORM",
                f"{platform!r} is no platform that a course can be locked for",
                where="--platform",
                remedy=f"there are: {', '.join(ARCHES)}",
            )
    return tuple(ARCHES[platform] for platform in platforms)


def oldest_glibc(constraint: str) -> str:
    """The oldest glibc inside a constraint such as `>=2.28`: what packages must run on.

    Raises UsageError E-COURSE-INVALID where a constraint has no lower bound.
    """
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    lower = [one.version for one in SpecifierSet(constraint) if one.operator in {">=", "==", "~="}]
    if not lower:
        raise UsageError(
            "E-COURSE-INVALID",
            f"requirements.glibc: {constraint!r} has no lower bound, so no wheel can be chosen",
            where="requirements.glibc",
            remedy='write one such as ">=2.28"',
        )
    return str(max(map(Version, lower)))

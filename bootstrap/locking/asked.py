"""What the specifications of a course ask for, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bootstrap.core.errors import UsageError
from bootstrap.course.requirements import logical_lines

if TYPE_CHECKING:
    from conda_lock.models.lock_spec import LockSpecification
    from packaging.requirements import Requirement

UNREADABLE = "E-LOCK-SPECIFICATION"


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a specification: which package, what it says of it, and where (file:line)."""

    name: str
    text: str
    where: str


@dataclass(frozen=True)
class CondaSpecification:
    """An environment.yml: match specs by platform, and the channels to take packages from.

    channels are names or URLs as they are written; parsed is what conda-lock makes of the file.
    """

    path: Path
    channels: tuple[str, ...]
    asked: Mapping[str, tuple[Asked, ...]]
    parsed: LockSpecification

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms that it was read for."""
        return tuple(self.asked)

    def content_hash(self) -> dict[str, str]:
        """conda-lock's own digest of the specification, by platform."""
        from conda_lock.content_hash import compute_content_hashes
        from conda_lock.virtual_package import default_virtual_package_repodata

        virtual = default_virtual_package_repodata()
        with virtual:
            return dict(compute_content_hashes(self.parsed, virtual))


def read_conda_specification(path: Path, platforms: tuple[str, ...]) -> CondaSpecification:
    """Read an environment.yml, by conda-lock's own parser.

    Raises UsageError E-LOCK-SPECIFICATION for what cannot be read, for a specification without
    channels, and for wheels in it.
    """
    from conda_lock.lookup import DEFAULT_MAPPING_URL
    from conda_lock.src_parser import make_lock_spec

    text = _text(path)
    try:
        parsed = make_lock_spec(
            src_files=[path], platform_overrides=platforms, mapping_url=DEFAULT_MAPPING_URL
        )
        channels = tuple(channel.url for channel in parsed.channels)
    except Exception as error:  # its parsers raise what the libraries below them raise
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise _unreadable(path, f"cannot be read as an environment.yml: {said}") from error
    if not channels:
        raise _unreadable(path, "names no channel: add `channels: [conda-forge]`")
    lines = dict(_lines(text))
    asked = {
        platform: tuple(_conda_line(one, path, lines) for one in dependencies)
        for platform, dependencies in parsed.dependencies.items()
    }
    return CondaSpecification(path, channels, asked, parsed)


def _conda_line(dependency: Any, path: Path, lines: Mapping[str, int]) -> Asked:
    where = f"{path}:{lines.get(dependency.name, 1)}"
    if dependency.manager != "conda":
        what = f"asks for the wheel {dependency.name}: wheels belong into the other specification"
        raise _unreadable(path, what, where)
    channel = f"{dependency.conda_channel}::" if dependency.conda_channel else ""
    parts = (f"{channel}{dependency.name}", dependency.version, dependency.build)
    return Asked(dependency.name, " ".join(part for part in parts if part), where)


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """In which line each package of a YAML list is named."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"""\s*-\s*["']?(?:[\w./:-]+::)?([A-Za-z0-9_.-]+)""", line):
            yield found[1].lower(), number


@dataclass(frozen=True)
class WheelSpecification:
    """A requirements.in: what it asks for, each with the requirement that it is (PEP 508)."""

    path: Path
    asked: tuple[tuple[Asked, Requirement], ...]


def read_wheel_specification(path: Path) -> WheelSpecification:
    """Read a requirements.in: requirements, one a line, with comments.

    Raises UsageError E-LOCK-SPECIFICATION with file:line for anything that is no requirement by
    name: options, addresses, folders.
    """
    from packaging.requirements import InvalidRequirement, Requirement

    asked = []
    for number, line in logical_lines(_text(path)):
        where = f"{path}:{number}"
        try:
            requirement = Requirement(line)
        except InvalidRequirement as error:
            said = str(error).splitlines()[0]
            raise _unreadable(path, f"{line!r} is no requirement: {said}", where) from None
        if requirement.url:
            raise _unreadable(path, f"{line!r} is an address: only names can be locked", where)
        asked.append((Asked(_normalised(requirement.name), line, where), requirement))
    return WheelSpecification(path, tuple(asked))


def _normalised(name: str) -> str:
    from packaging.utils import canonicalize_name

    return str(canonicalize_name(name))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise _unreadable(path, f"cannot be read: {said}") from None


def _unreadable(path: Path, what: str, where: str = "") -> UsageError:
    return UsageError(
        UNREADABLE,
        f"{path.name} {what}",
        where=where or str(path),
        remedy="correct the specification; docs/write-a-course.md shows one",
    )

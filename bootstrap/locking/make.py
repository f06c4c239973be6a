"""The locks of a course made anew: solved, compared with what was, and ready to be written."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bootstrap.core.errors import UsageError
from bootstrap.course.condalock import CondaPin, read_conda_lock
from bootstrap.course.digests import with_digests
from bootstrap.course.load import LoadedCourse
from bootstrap.course.requirements import WheelPin, read_requirements
from bootstrap.course.sums import SUMS, sums_text
from bootstrap.host.files import write_atomically
from bootstrap.locking import refusals
from bootstrap.locking.asked import (
    CondaSpecification,
    WheelSpecification,
    read_conda_specification,
    read_wheel_specification,
)
from bootstrap.locking.changes import Change, conda_changes, wheel_changes
from bootstrap.locking.conda import Channels, solve_conda
from bootstrap.locking.platforms import WheelPlatform, arches_of, oldest_glibc
from bootstrap.locking.texts import conda_lock_text, requirements_text
from bootstrap.locking.wheels import LockedWheel, Resolver, resolve_wheels

Say = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """What a person wants locked.

    platforms are conda's (linux-64); update names the packages that may change, all where it is
    empty; exclude_newer leaves out what was published after it.
    """

    platforms: tuple[str, ...]
    channels: Channels
    update: tuple[str, ...] = ()
    exclude_newer: datetime | None = None


@dataclass(frozen=True)
class Made:
    """Locks that were made.

    files are to be written in that order, course.yml last; changes are what differs in them; sizes
    are the bytes that a machine downloads, by part (conda, wheels) and platform, where known.
    """

    files: Mapping[Path, bytes]
    changes: tuple[Change, ...]
    sizes: Mapping[str, Mapping[str, int]]

    def write(self) -> tuple[Path, ...]:
        """Write what differs, each file whole or not at all; gives what was written.

        Raises BootstrapError E-WRITE or E-DISK-FULL.
        """
        written = []
        for path, content in self.files.items():
            if not path.is_file() or path.read_bytes() != content:
                write_atomically(path, content)
                written.append(path)
        return tuple(written)


@dataclass
class _Work:
    """The course while it is locked: old pins, new texts."""

    loaded: LoadedCourse
    request: Request
    resolver: Resolver
    say: Say
    texts: dict[Path, bytes] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    sizes: dict[str, dict[str, int]] = field(default_factory=dict)


def make_locks(loaded: LoadedCourse, request: Request, resolver: Resolver, say: Say) -> Made:
    """Solve the specifications of a course; nothing is written.

    say is told what is being done. Raises UsageError E-LOCK-NO-SPECIFICATION, what the solvers
    raise (see solve_conda, resolve_wheels), BootstrapError E-LOCK-HASH-CHANGED.
    """
    arches_of(request.platforms)  # an unknown one is said before anything is asked for it
    conda = _conda_specification(loaded, request)
    wheels = _wheel_specification(loaded)
    if conda is None and wheels is None:
        raise UsageError(
            "E-LOCK-NO-SPECIFICATION",
            "the course names no specification, so there is nothing to lock",
            where=str(loaded.path),
            remedy="name one: `specification: requirements.in` below environment.wheels",
        )
    work = _Work(loaded, request, resolver, say)
    old_conda = _old_conda(loaded, request.platforms)
    old_wheels = _old_wheels(loaded)
    conda_names = {pin.name for pin in _all(old_conda)}
    conda_names |= {
        line.name for lines in (conda.asked.values() if conda else ()) for line in lines
    }
    wheel_names = {pin.name for pin in old_wheels}
    wheel_names |= {line.name for line, _ in (wheels.asked if wheels else ())}
    _check_names(request.update, conda_names | wheel_names)
    new_conda = old_conda
    if conda and (not old_conda or _concerned(request.update, conda_names)):
        new_conda = _lock_conda(work, conda, old_conda)
    if wheels and (not old_wheels or _concerned(request.update, wheel_names)):
        _lock_wheels(work, wheels, old_wheels, _python(new_conda, loaded))
    return Made(_files(work), tuple(work.changes), work.sizes)


def _conda_specification(loaded: LoadedCourse, request: Request) -> CondaSpecification | None:
    name = loaded.course.environment.conda.specification
    return read_conda_specification(loaded.directory / name, request.platforms) if name else None


def _wheel_specification(loaded: LoadedCourse) -> WheelSpecification | None:
    name = loaded.course.environment.wheels.specification
    return read_wheel_specification(loaded.directory / name) if name else None


def _old_conda(loaded: LoadedCourse, platforms: Iterable[str]) -> dict[str, tuple[CondaPin, ...]]:
    """What is locked now; a lock that is absent or damaged is made from nothing."""
    found = {}
    for platform in platforms:
        try:
            found[platform] = read_conda_lock(loaded.conda_lock, platform)
        except UsageError:
            continue
    return found


def _old_wheels(loaded: LoadedCourse) -> tuple[WheelPin, ...]:
    try:
        return read_requirements(loaded.requirements)
    except UsageError:
        return ()


def _all(pins: Mapping[str, Iterable[CondaPin]]) -> Iterable[CondaPin]:
    return (pin for some in pins.values() for pin in some)


def _concerned(update: tuple[str, ...], names: set[str]) -> bool:
    return not update or not names.isdisjoint(update)


def _check_names(update: tuple[str, ...], known: set[str]) -> None:
    for name in update:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise UsageError(
                "E-LOCK-NO-PACKAGE",
                f"the course has no package {name!r}"
                + (f"; did you mean {near[0]!r}?" if near else ""),
                where="--update",
                remedy="name a package that is in the lock or in a specification",
            )


def _lock_conda(
    work: _Work, specification: CondaSpecification, old: Mapping[str, tuple[CondaPin, ...]]
) -> dict[str, tuple[CondaPin, ...]]:
    request = work.request
    work.say(f"conda packages: solving for {', '.join(request.platforms)}")
    kept = {
        platform: [pin for pin in pins if pin.name not in request.update]
        for platform, pins in old.items()
        if request.update
    }
    glibc = oldest_glibc(work.loaded.course.requirements.glibc)
    solved = solve_conda(
        specification, request.channels, glibc, work.resolver.cancel,
        kept=kept, exclude_newer=request.exclude_newer,
    )  # fmt: skip
    new = {platform: found.pins for platform, found in solved.items()}
    pinned = {pin.url: pin.sha256 for pin in _all(old)}
    for pin in _all(new):
        if pinned.get(pin.url, pin.sha256) != pin.sha256:
            file = work.loaded.conda_lock.name
            raise refusals.changed_upstream(file, pin.filename, {pinned[pin.url]}, {pin.sha256})
    work.texts[work.loaded.conda_lock] = conda_lock_text(specification, new).encode()
    asked = {line.name: line.text for lines in specification.asked.values() for line in lines}
    work.changes += conda_changes(old, new, asked)
    work.sizes["conda"] = {at: found.size for at, found in solved.items() if found.size}
    return new


def _lock_wheels(
    work: _Work, specification: WheelSpecification, old: tuple[WheelPin, ...], python: str
) -> None:
    request, file = work.request, work.loaded.requirements
    work.say(
        f"wheels: resolving {specification.path.name} for Python {python}, all platforms at once"
    )
    minor = int(oldest_glibc(work.loaded.course.requirements.glibc).split(".")[1])
    arches = arches_of(request.platforms)
    newer = request.exclude_newer
    wheels = resolve_wheels(
        specification,
        [WheelPlatform(arch, python, minor) for arch in arches],
        work.resolver,
        kept=file.read_text("utf-8") if old and request.update else "",
        update=request.update,
        exclude_newer=newer.isoformat() if newer else "",
    )
    _check_files(work, wheels, old)
    work.texts[file] = requirements_text(wheels, specification.path.name).encode()
    asked = {line.name: line.text for line, _ in specification.asked}
    vias = {wheel.pin.name: wheel.via for wheel in wheels}
    work.changes += wheel_changes(old, [wheel.pin for wheel in wheels], vias, asked)
    work.sizes["wheels"] = {
        platform: sum(wheel.sizes.get(arch, 0) for wheel in wheels)
        for arch, platform in zip(arches, request.platforms, strict=True)
    }


def _check_files(work: _Work, wheels: Iterable[LockedWheel], old: Iterable[WheelPin]) -> None:
    """See that releases which stay have the files that were locked of them.

    A file that is gone is no alarm by itself: of a platform that the lock leaves uv tells none. One
    that is gone while another came is, and so is a release of which nothing is as it was.
    """
    made = {(wheel.pin.name, wheel.pin.version): wheel for wheel in wheels}
    for pin in old:
        now = made.get((pin.name, pin.version))
        if now is None:
            continue
        gone = set(pin.hashes) - now.offered
        came = set(now.pin.hashes) - set(pin.hashes)
        if gone and (came or gone == set(pin.hashes)):
            entry, file = f"{pin.name}=={pin.version}", work.loaded.requirements.name
            raise refusals.changed_upstream(file, entry, gone, came or now.offered)


def _python(pins: Mapping[str, Iterable[CondaPin]], loaded: LoadedCourse) -> str:
    versions = {pin.version for pin in _all(pins) if pin.name == "python"}
    if len(versions) == 1:
        return versions.pop()
    said = f"{', '.join(sorted(versions))}: one for each platform" if versions else "no Python"
    raise UsageError(
        "E-LOCK-NO-PYTHON",
        f"wheels are locked for one Python, and the conda lock has {said}",
        where=str(loaded.conda_lock),
        remedy="ask for an exact version in environment.yml: `python=3.12.13`",
    )


def _files(work: _Work) -> dict[Path, bytes]:
    """All files of the lock: what was made, the sums, and course.yml with the digests."""
    loaded = work.loaded
    locks = {"conda": loaded.conda_lock, "wheels": loaded.requirements}
    contents = {
        part: work.texts[path] if path in work.texts else path.read_bytes()
        for part, path in locks.items()
        if path in work.texts or path.is_file()
    }
    digests = {part: hashlib.sha256(content).hexdigest() for part, content in contents.items()}
    sums = sums_text({locks[part].name: content for part, content in contents.items()})
    course = with_digests(loaded.path.read_bytes().decode("utf-8"), digests, loaded.path)
    return {
        **work.texts,
        loaded.directory / SUMS: sums.encode(),
        loaded.path: course.encode("utf-8"),
    }

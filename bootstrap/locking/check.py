"""Whether the locks of a course still answer its specifications. Reads files, asks no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import yaml

from bootstrap.course.condalock import CondaPin, read_conda_lock
from bootstrap.course.load import LoadedCourse
from bootstrap.course.lockfile import lock_text
from bootstrap.course.model import SUBDIRS
from bootstrap.course.requirements import (
    WheelPin,
    marker_environment,
    read_requirements,
    read_vias,
    wanted,
)
from bootstrap.locking.asked import (
    Asked,
    CondaSpecification,
    WheelSpecification,
    read_conda_specification,
    read_wheel_specification,
)
from bootstrap.locking.changes import SPECIFICATION
from bootstrap.locking.platforms import arches_of


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing in which a lock does not answer: where it is asked (file:line), and what is so."""

    where: str
    what: str


def check_locks(loaded: LoadedCourse, platforms: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    """Hold the locks of a course against its specifications, for these platforms (default: all).

    Raises UsageError for a lock or a specification that cannot be read: E-LOCK-INVALID,
    E-LOCK-UNPINNED, E-LOCK-PLATFORM (nothing is locked for a platform), E-LOCK-SPECIFICATION.
    """
    wanted_platforms = platforms or tuple(SUBDIRS[a] for a in loaded.course.requirements.arch)
    environment = loaded.course.environment
    conda = {p: read_conda_lock(loaded.conda_lock, p) for p in wanted_platforms}
    findings = [*_unpinned(loaded)]
    if name := environment.conda.specification:
        asked = read_conda_specification(loaded.directory / name, wanted_platforms)
        findings += _conda(loaded, asked, conda)
    if name := environment.wheels.specification:
        findings += _wheels(loaded, read_wheel_specification(loaded.directory / name), conda)
    return tuple(sorted(set(findings)))


def _unpinned(loaded: LoadedCourse) -> Iterator[Finding]:
    environment = loaded.course.environment
    for part, lock in (("conda", environment.conda), ("wheels", environment.wheels)):
        if lock.sha256 is None:
            what = f"environment.{part} holds no digest of {lock.lock}"
            yield Finding(str(loaded.path), what)


def _conda(
    loaded: LoadedCourse, asked: CondaSpecification, pins: Mapping[str, tuple[CondaPin, ...]]
) -> Iterator[Finding]:
    recorded = _content_hash(loaded)
    now = asked.content_hash()
    for platform, locked in pins.items():
        if recorded.get(platform) == now[platform]:
            continue  # conda-lock's own proof that nothing in the specification changed
        by_name = {pin.name: pin for pin in locked}
        for line in asked.asked[platform]:
            pin = by_name.get(line.name)
            if pin is None or not _matches(line, pin):
                found = f"{pin.version} {pin.build}" if pin else "nothing"
                what = f"{line.text} is asked for, {found} is locked for {platform}"
                yield Finding(line.where, what)
        needing = {pin.name: {d.partition(" ")[0] for d in pin.dependencies} for pin in locked}
        for name in _unneeded(needing, {line.name for line in asked.asked[platform]}):
            yield Finding(str(loaded.conda_lock), f"nothing needs {name} any more ({platform})")


def _content_hash(loaded: LoadedCourse) -> dict[str, str]:
    """conda-lock's digest of the specification as the lock recorded it; it stands at the top."""
    head = lock_text(loaded.conda_lock).partition("\npackage:")[0]
    try:
        recorded = yaml.safe_load(head)["metadata"]["content_hash"]
    except (yaml.YAMLError, KeyError, TypeError):
        return {}
    return recorded if isinstance(recorded, dict) else {}


def _matches(line: Asked, pin: CondaPin) -> bool:
    from rattler import MatchSpec

    from bootstrap.steps.conda_record import repodata_record

    # Of the channel's name only the package is compared: a lock holds addresses.
    specification = MatchSpec(line.text.rpartition("::")[2])
    return bool(specification.matches(repodata_record(pin, pin.url)))


def _wheels(
    loaded: LoadedCourse, asked: WheelSpecification, conda: Mapping[str, tuple[CondaPin, ...]]
) -> Iterator[Finding]:
    pins = read_requirements(loaded.requirements)
    for platform, arch in zip(conda, arches_of(tuple(conda)), strict=True):
        python = next((pin.version for pin in conda[platform] if pin.name == "python"), "")
        if not python:
            yield Finding(str(loaded.conda_lock), f"no Python is locked for {platform}")
            continue
        environment = marker_environment(python, arch)
        here = {pin.name: pin for pin in wanted(pins, environment)}
        for line, requirement in asked.asked:
            if requirement.marker and not requirement.marker.evaluate(environment):
                continue
            pin = here.get(line.name)
            if pin is None or not requirement.specifier.contains(pin.version, prereleases=True):
                found = pin.version if pin else "nothing"
                what = f"{line.text} is asked for, {found} is locked for {platform}"
                yield Finding(line.where, what)
    yield from _orphans(loaded, asked, pins)


def _orphans(
    loaded: LoadedCourse, asked: WheelSpecification, pins: Iterable[WheelPin]
) -> Iterator[Finding]:
    vias = read_vias(lock_text(loaded.requirements))
    if not vias:
        return  # a lock without comments does not say who needs what
    needing: dict[str, set[str]] = {pin.name: set() for pin in pins}
    for name, askers in vias.items():
        for asker in askers:
            if not asker.startswith(SPECIFICATION):
                needing.setdefault(asker.partition("[")[0], set()).add(name)
    for name in _unneeded(needing, {line.name for line, _ in asked.asked}):
        yield Finding(str(loaded.requirements), f"nothing needs {name} any more")


def _unneeded(needing: Mapping[str, set[str]], roots: set[str]) -> list[str]:
    """The names of a graph (name -> what it needs) that no root leads to."""
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += needing.get(name, ())
    return sorted(needing.keys() - seen)

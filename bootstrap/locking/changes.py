"""What a new lock changes: each package with its old and new version, and why it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bootstrap.course.condalock import CondaPin
from bootstrap.course.requirements import WheelPin

SPECIFICATION = "-r "
"""How `# via` comments name the specification itself."""


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One package that differs between two locks; old or new is empty where it is not in one."""

    package: str
    old: str
    new: str
    why: str


def wheel_changes(
    old: Iterable[WheelPin],
    new: Iterable[WheelPin],
    vias: Mapping[str, tuple[str, ...]],
    asked: Mapping[str, str],
) -> tuple[Change, ...]:
    """Compare two sets of wheels. asked: what the specification says of each package it names."""
    before, after = _versions(old), _versions(new)
    return tuple(_compared(before, after, lambda name: _why(vias.get(name, ()), asked.get(name))))


def conda_changes(
    old: Mapping[str, Iterable[CondaPin]],
    new: Mapping[str, Iterable[CondaPin]],
    asked: Mapping[str, str],
) -> tuple[Change, ...]:
    """Compare two sets of conda packages by platform; a build counts as part of the version."""
    before = {f"{pin.name} ({at})": _built(pin) for at, pins in old.items() for pin in pins}
    after = {f"{pin.name} ({at})": _built(pin) for at, pins in new.items() for pin in pins}
    needing: dict[str, tuple[str, ...]] = {}
    for platform, pins in new.items():
        for pin in pins:
            for dependency in pin.dependencies:
                key = f"{dependency.partition(' ')[0]} ({platform})"
                needing[key] = (*needing.get(key, ()), pin.name)

    def why(key: str) -> str:
        return _why(tuple(sorted(needing.get(key, ()))), asked.get(key.partition(" ")[0]))

    return tuple(_compared(before, after, why))


def _compared(
    before: Mapping[str, str], after: Mapping[str, str], why: Callable[[str], str]
) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, ""), after.get(name, "")
        if old != new:
            yield Change(name, old, new, why(name) if new else "nothing needs it any more")


def _why(via: tuple[str, ...], asked: str | None) -> str:
    if asked:
        return f"asked for: {asked}"
    return f"needed by {', '.join(one for one in via if not one.startswith(SPECIFICATION))}"


def _versions(pins: Iterable[WheelPin]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pin in pins:
        found[pin.name] = f"{found[pin.name]}, {pin.version}" if pin.name in found else pin.version
    return found


def _built(pin: CondaPin) -> str:
    return f"{pin.version} {pin.build}"

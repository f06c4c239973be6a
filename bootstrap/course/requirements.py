"""Reads a requirements.txt with hashes: the wheels of an environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bootstrap.core.errors import UsageError
from bootstrap.course.lockfile import lock_error, lock_text
from bootstrap.course.problems import Problem

_COMMENT = re.compile(r"(^|\s+)#.*")
_HASH_OPTION = re.compile(r"\s--hash[= ]\s*")
_PINNED = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[\w.,\s-]*\])?\s*"
    r"==\s*(?P<version>v?\d[\w.!+-]*)",
    re.ASCII,
)
_VIA = re.compile(r"\s+#(?: via| {2})\s*(.*)")
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
_UNPINNED, _INVALID = "E-LOCK-UNPINNED", "E-LOCK-INVALID"


@dataclass(frozen=True, slots=True)
class WheelPin:
    """One requirement of a lock.

    name is normalised (lower case, `-`), marker the text after `;`, hashes the sha256 of each file
    of that version that may be installed, as hexadecimal digits.
    """

    name: str
    version: str
    marker: str | None
    hashes: tuple[str, ...]


def read_requirements(path: Path) -> tuple[WheelPin, ...]:
    """Read a requirements.txt as `uv pip compile --generate-hashes` writes it.

    Raises UsageError: E-LOCK-UNPINNED for a requirement that is not `name==version` with a sha256,
    E-LOCK-INVALID for anything else than requirements (options, addresses, folders), each with
    file:line and all at once; E-COURSE-LOCK-MISSING.
    """
    pins: list[WheelPin] = []
    refused: list[tuple[Problem, str]] = []
    seen: dict[tuple[str, str | None], int] = {}
    for line, text in logical_lines(lock_text(path)):
        pin = _pin(text)
        if not isinstance(pin, WheelPin):
            message, code = pin
            refused.append((Problem(line, _subject(text), message), code))
            continue
        first = seen.setdefault((pin.name, pin.marker), line)
        if first != line:
            problem = Problem(line, pin.name, f"is in the lock twice, first in line {first}")
            refused.append((problem, _INVALID))
        pins.append(pin)
    if refused:
        raise lock_error(refused[0][1], path, [problem for problem, _ in refused])
    return tuple(pins)


def wanted(pins: Iterable[WheelPin], environment: Mapping[str, str]) -> tuple[WheelPin, ...]:
    """Give the pins whose marker holds in an environment (see marker_environment).

    Raises UsageError E-LOCK-INVALID for a marker that cannot be read.
    """
    pins = tuple(pins)
    holds = {marker: _holds(marker, environment) for marker in {pin.marker for pin in pins}}
    return tuple(pin for pin in pins if holds[pin.marker])


def _holds(marker: str | None, environment: Mapping[str, str]) -> bool:
    if marker is None:
        return True
    # Imported here, for most locks have no marker and need none of it.
    from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName

    try:
        return Marker(marker).evaluate(dict(environment))
    except (InvalidMarker, UndefinedEnvironmentName) as error:
        what = f"the marker {marker!r} cannot be read: {str(error).splitlines()[0]}"
        remedy = "correct it, or make the lock again with `mlops-bootstrap lock`"
        raise UsageError(_INVALID, what, where=marker, remedy=remedy) from None


def marker_environment(python: str, arch: str) -> dict[str, str]:
    """Give what markers are evaluated against: CPython of this version (3.12.13) on Linux."""
    return {
        "implementation_name": "cpython",
        "implementation_version": python,
        "os_name": "posix",
        "platform_machine": arch,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": python,
        "python_version": ".".join(python.split(".")[:2]),
        "sys_platform": "linux",
        "extra": "",
    }


def read_vias(text: str) -> dict[str, tuple[str, ...]]:
    """Give who asks for each requirement of a lock, as uv's `# via` comments under it say.

    Names are normalised; `-r FILE` stands for the specification itself.
    """
    found: dict[str, tuple[str, ...]] = {}
    name = ""
    for line in text.splitlines():
        if pinned := _PINNED.match(line):
            name = _normalised(pinned["name"])
        elif name and (asking := _VIA.match(line)) and asking[1]:
            found[name] = (*found.get(name, ()), asking[1])
    return found


def _normalised(name: str) -> str:
    """The one spelling of a distribution's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Give each requirement on one line, with the number of its first; comments are gone."""
    parts: list[str] = []
    start = 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = _COMMENT.sub("", raw) if "#" in raw else raw
        if not parts:
            start = number
        if line.endswith("\\"):
            parts.append(line[:-1])
            continue
        parts.append(line)
        joined = " ".join(parts).strip()
        parts = []
        if joined:
            yield start, joined
    if joined := " ".join(parts).strip():
        yield start, joined


def _pin(text: str) -> WheelPin | tuple[str, str]:
    """Give the pin that a logical line is, or why it is none (message, code)."""
    if refusal := _not_a_requirement(text):
        return refusal, _INVALID
    head, *options = _HASH_OPTION.split(text)
    requirement, _, marker = head.partition(";")
    found = _PINNED.fullmatch(requirement.strip())
    if found is None:
        return "is not pinned: `name==version` is needed, nothing looser", _UNPINNED
    hashes = [option.strip() for option in options]
    sha256 = tuple(h.removeprefix("sha256:") for h in hashes if _SHA256.fullmatch(h))
    if bad := [h for h in hashes if h.startswith("sha256:") and not _SHA256.fullmatch(h)]:
        return f"{bad[0][:80]!r} is not `sha256:` and 64 hexadecimal digits", _UNPINNED
    if not sha256:
        only = f"only {hashes[0].partition(':')[0]!r} is there" if hashes else "it has no hash"
        return f"needs at least one `--hash=sha256:...`; {only}", _UNPINNED
    return WheelPin(_normalised(found["name"]), found["version"], marker.strip() or None, sha256)


def _not_a_requirement(text: str) -> str | None:
    if text.startswith("-"):
        return "options have no place in a lock: the index is chosen with --source"
    requirement = text.partition(";")[0].partition(" --")[0]
    if "://" in requirement or " @ " in requirement or requirement.startswith((".", "/")):
        return "an address or a folder has no place in a lock: only `name==version` with hashes"
    return None


def _subject(text: str) -> str:
    """Give what to call a line that is no pin; an address may hold a password, so it is cut."""
    return re.split(r"[\s=<>~!;@:\[]", text, maxsplit=1)[0][:60]

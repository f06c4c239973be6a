"""Why packages cannot be locked: what solvers say, as our errors."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bootstrap.core.errors import BootstrapError, UsageError
from bootstrap.locking.asked import Asked

UNKNOWN = re.compile(
    r"ecause (?P<name>[\w.-]+) was not found in the package registry"
    r"|ecause there (?:is|are) no versions? of (?P<version>[\w.-]+)"
    r"|ecause only (?P<only>[\w.-]+)\S* is available"
)
NO_WHEEL = re.compile(
    r"ecause (?:all versions of )?(?P<name>[A-Za-z0-9][\w.-]*?)(?:[<>=!~]\S*)? (?:has|have) no"
    r" (?:usable wheels|wheels with|`[^`]*`-compatible wheels)"
)
NO_CANDIDATES = re.compile(r"No candidates were found for (?P<name>[\w.-]+)")
HINTS = ("hint:", "warning:")


def no_package(name: str, asked: Iterable[Asked], said: str) -> UsageError:
    """The error for a package that no platform offers."""
    return UsageError(
        "E-LOCK-NO-PACKAGE",
        f"no source offers {name}: {said}",
        where=_where(name, asked),
        remedy="correct the name or the version in the specification",
    )


def no_wheel(name: str, asked: Iterable[Asked], said: str) -> UsageError:
    """The error for a package without a wheel for a platform."""
    return UsageError(
        "E-LOCK-NO-WHEEL",
        f"{name} has no wheel that every platform of the course can use, and nothing is compiled"
        f" at a student's machine: {said}",
        where=_where(name, asked),
        remedy="take another version, another package, or fewer platforms (--platform)",
    )


def conflict(said: str, where: str) -> UsageError:
    """The error for requirements that no set of versions meets, in the solver's own words."""
    return UsageError(
        "E-LOCK-CONFLICT",
        f"no versions meet all of the specification:\n{said}",
        where=where,
        remedy="loosen one of the requirements that the explanation names",
    )


def changed_upstream(
    file: str, entry: str, pinned: Iterable[str], offered: Iterable[str]
) -> BootstrapError:
    """The error for a release whose files are not those that were locked."""
    return BootstrapError(
        "E-LOCK-HASH-CHANGED",
        f"{entry} was released with other files than those that are locked: sha256"
        f" {', '.join(sorted(pinned))}, offered now: {', '.join(sorted(offered)) or 'none'}",
        where=f"{file}: {entry}",
        remedy="a release never changes: find out what happened before you trust it; to take the"
        " new files, remove the entry from the lock and run `mlops-bootstrap lock` again",
    )


def yanked(names: Iterable[str], asked: Iterable[Asked], path: str) -> UsageError:
    """The error for releases that whoever published them has withdrawn."""
    names = sorted(names)
    return UsageError(
        "E-LOCK-YANKED",
        f"withdrawn by whoever published it: {', '.join(names)}",
        where=_where(names[0].partition("==")[0], asked) or path,
        remedy="ask for another version; a withdrawn one is broken or unsafe",
    )


def from_uv(output: str, asked: Iterable[Asked], path: str) -> UsageError | None:
    """The error for a resolution that uv (0.9 to 0.13) could not make; None if it was not that."""
    if "No solution found" not in output:
        return None
    asked = tuple(asked)
    said = explanation(output)
    reason = re.sub(r"\s+", " ", said)
    if found := NO_WHEEL.search(reason):
        name = found["name"]
        if re.search(rf"you require {re.escape(name)}\b", reason):
            return no_wheel(name, asked, said)
    elif found := UNKNOWN.search(reason):
        return no_package(next(filter(None, found.groups())), asked, said)
    return conflict(said, path)


def from_rattler(said: str, asked: Iterable[Asked], platform: str, path: str) -> UsageError:
    """The error for a solve that rattler could not make."""
    reason = said.partition("because of:")[2].strip() or said.strip()
    if found := NO_CANDIDATES.search(reason):
        return no_package(found["name"], asked, f"{reason} ({platform})")
    return conflict(f"{platform}: {reason}", path)


def explanation(output: str) -> str:
    """uv's own explanation without its hints, which speak of projects and other Pythons."""
    reason = output.partition("cause:")[2] or output
    lines = [line.strip() for line in reason.splitlines()]
    first_hint = next((n for n, line in enumerate(lines) if line.startswith(HINTS)), len(lines))
    return "\n".join(line for line in lines[:first_hint] if line)


def _where(name: str, asked: Iterable[Asked]) -> str:
    return next((line.where for line in asked if line.name == name), "")

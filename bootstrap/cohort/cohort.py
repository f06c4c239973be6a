"""The reports of a class counted: which checks fail for whom, whose packages differ, who is slow.

Its result is a versioned JSON object that every renderer shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bootstrap.cohort.collect import Entry, LeftOut
from bootstrap.verify.check import Outcome
from bootstrap.verify.report import Report

VERSION = 1
"""Goes up when a field changes its meaning or goes away; a new field leaves it."""

SLOWEST = 5
"""Machines that are named as the slowest."""


@dataclass(slots=True)
class _Check:
    """One check over all students: how many looked, and by outcome who it ended so for."""

    code: str
    area: str
    title: str
    looked: int = 0
    failed: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    warning: list[str] = field(default_factory=list)

    @property
    def amiss(self) -> tuple[int, int, int]:
        return len(self.failed), len(self.blocked), len(self.warning)


def cohort(
    entries: Sequence[Entry], left_out: Sequence[LeftOut], locked: str = ""
) -> dict[str, Any]:
    """The class as a JSON object.

    locked is the fingerprint that the class should have; empty: the one that most have.
    """
    common = locked or _most_common(entries)
    return {
        "version": VERSION,
        "kind": "cohort",
        "course": entries[0].report.course.model_dump(include={"name", "title"}),
        "reports": len(entries),
        "fingerprint": common,
        "fingerprint_from": "lock" if locked else "majority",
        "checks": [asdict(check) for check in _checks(entries)],
        "students": [_student(entry, common) for entry in _by_failures(entries)],
        "slowest": _slowest(entries),
        "left_out": [asdict(one) for one in left_out],
    }


def _checks(entries: Sequence[Entry]) -> list[_Check]:
    """Every check that a report has, the worst first; where it does not apply, nobody looked."""
    found: dict[str, _Check] = {}
    for entry in entries:
        for result in entry.report.checks:
            check = found.setdefault(result.code, _Check(result.code, result.area, result.title))
            check.looked += result.outcome is not Outcome.SKIPPED
            match result.outcome:
                case Outcome.FAILED:
                    check.failed.append(entry.student)
                case Outcome.BLOCKED:
                    check.blocked.append(entry.student)
                case Outcome.WARNING:
                    check.warning.append(entry.student)
    return sorted(found.values(), key=lambda check: check.amiss, reverse=True)


def _by_failures(entries: Sequence[Entry]) -> list[Entry]:
    def amiss(entry: Entry) -> tuple[int, int, int, str]:
        outcomes = [check.outcome for check in entry.report.checks]
        kinds = (Outcome.FAILED, Outcome.BLOCKED, Outcome.WARNING)
        failed, blocked, warned = (-outcomes.count(kind) for kind in kinds)
        return failed, blocked, warned, entry.student

    return sorted(entries, key=amiss)


def _student(entry: Entry, common: str) -> dict[str, Any]:
    report = entry.report
    return {
        "student": entry.student,
        "signature": entry.signed.value,
        "when": report.when.isoformat(),
        "seconds": report.seconds,
        "partial": report.scope.partial,
        "runtime": report.runtime,
        "distribution": report.machine.distribution,
        "arch": report.machine.arch,
        "lock": report.course.lock,
        "fingerprint": report.environment.fingerprint,
        "packages": _packages(report, common),
        "drift": [one.model_dump() for one in report.environment.drift],
        "outcomes": {check.code: check.outcome.value for check in report.checks},
    }


def _packages(report: Report, common: str) -> str:
    """How the installed packages stand to those of the class."""
    environment = report.environment
    if not environment.fingerprint:
        return "none"
    if environment.fingerprint == common:
        return "same"
    return "drifted" if environment.wanted == common else "other"


def _most_common(entries: Sequence[Entry]) -> str:
    """The fingerprint that most have; of two as common, one that is as its lock wants it."""
    found = Counter(entry.report.environment.fingerprint for entry in entries)
    as_locked = {entry.report.environment.wanted for entry in entries}
    del found[""]
    ranked = sorted(found, key=lambda one: (-found[one], one not in as_locked, one))
    return ranked[0] if ranked else ""


def _slowest(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The machines that took longest, of those that did all checks where there are such."""
    whole = [entry for entry in entries if not entry.report.scope.partial] or list(entries)
    found = []
    for entry in sorted(whole, key=lambda entry: -entry.report.seconds)[:SLOWEST]:
        longest = max(entry.report.checks, key=lambda check: check.seconds, default=None)
        found.append(
            {
                "student": entry.student,
                "seconds": entry.report.seconds,
                "check": longest.code if longest else "",
                "check_seconds": longest.seconds if longest else 0.0,
            }
        )
    return found

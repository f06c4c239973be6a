"""The report of one machine: the results of its checks, as versioned JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bootstrap.course.model import Course
from bootstrap.verify.check import Outcome, Result
from bootstrap.verify.verification import modules_of

VERSION = 1
"""Goes up when a field changes its meaning or goes away; a new field leaves it."""


def as_json(course: Course, results: Sequence[Result]) -> dict[str, Any]:
    """The report as a JSON object."""
    counts = {o.value: sum(r.outcome is o for r in results) for o in Outcome}
    return {
        "version": VERSION,
        "kind": "report",
        "course": course.name,
        "counts": counts,
        "checks": [_check(course, result) for result in results],
    }


def _check(course: Course, result: Result) -> dict[str, Any]:
    check, finding = result.check, result.finding
    return {
        "code": check.code,
        "area": check.area.value,
        "title": check.title,
        "modules": list(modules_of(check, course)),
        "outcome": finding.outcome.value,
        "found": finding.found,
        "wanted": finding.wanted,
        "remedy": finding.remedy,
        "error": result.error,
        "blocked_by": list(result.blocked_by),
        "seconds": round(result.seconds, 3),
    }

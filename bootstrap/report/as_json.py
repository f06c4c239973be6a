"""Plans, errors and results as versioned JSON objects for other programs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from bootstrap.core.errors import BootstrapError
from bootstrap.report.codes.explanation import Explanation
from bootstrap.report.text import Problem, Status, Summary

if TYPE_CHECKING:
    from bootstrap.core.plan import Plan

VERSION = 1
"""Goes up when a field changes its meaning or goes away; a new field leaves it."""


def plan(plan: Plan[Any, Any], held: str = "") -> dict[str, Any]:
    """What `up` would change, and what is as wanted already; held is the digest of the generation
    that `rollback` went back to, if it did."""
    unchanged = [step for step in plan.steps if step.name not in plan.changing]
    return {
        **head("plan"),
        "nothing_to_do": not plan.changes,
        "held": held,
        "changes": [dataclasses.asdict(change) for change in plan.changes],
        "unchanged": [
            {"step": s.name, "title": s.title, "found": plan.observations[s.name].found}
            for s in unchanged
        ],
    }


def error(error: BootstrapError) -> dict[str, Any]:
    """An error that ended a command."""
    return {
        **head("error"),
        "code": error.code,
        "what": error.what,
        "where": error.where,
        "remedy": error.remedy,
        "exit_code": error.exit_code,
    }


def problems(found: Sequence[Problem]) -> dict[str, Any]:
    """What is the matter with the machine."""
    return {
        **head("problems"),
        "fatal": any(problem.fatal for problem in found),
        "problems": [
            {
                "code": problem.code,
                "what": problem.what,
                "where": problem.where,
                "remedy": problem.remedy,
                "fatal": problem.fatal,
            }
            for problem in found
        ],
    }


def summary(summary: Summary) -> dict[str, Any]:
    """The end of `up`."""
    return {
        **head("summary"),
        "nothing_to_do": summary.nothing_to_do,
        "held": summary.held,
        "seconds": round(summary.seconds, 3),
        "addresses": [{"name": name, "url": url} for name, url in summary.addresses],
        "activate": summary.activate,
        "todo": list(summary.todo),
    }


def status(status: Status) -> dict[str, Any]:
    """What is on the machine now."""
    return {
        **head("status"),
        "healthy": status.healthy,
        "course": status.course,
        "lock": status.lock_digest,
        "generation": status.generation,
        "previous": status.previous,
        "held": status.held,
        "drift": [
            {"package": one.package, "kind": one.kind, "found": one.found, "wanted": one.wanted}
            for one in status.drift
        ],
        "environment": {"prefix": status.environment, "state": status.environment_state},
        "runtime": status.runtime,
        "engine": status.engine,
        "unheld": list(status.unheld),
        "repository": status.repository,
        "services": [dataclasses.asdict(service) for service in status.services],
        "elsewhere": dataclasses.asdict(status.elsewhere) if status.elsewhere else None,
    }


def explanation(code: str, explanation: Explanation) -> dict[str, Any]:
    """What a code of the catalogue means."""
    return {**head("explanation"), "code": code, **dataclasses.asdict(explanation)}


def explanations(listed: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """Every code of the catalogue, given as (what it is about, code, meaning)."""
    codes = [{"about": about, "code": code, "meaning": meaning} for about, code, meaning in listed]
    return {**head("explanations"), "codes": codes}


def head(kind: str) -> dict[str, Any]:
    """What every JSON object of this tool begins with."""
    return {"version": VERSION, "kind": kind}

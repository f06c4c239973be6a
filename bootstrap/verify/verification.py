"""A verification: the checks that were asked for, on one machine, and what came of them."""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import UsageError
from bootstrap.course.model import Course
from bootstrap.host.host import Host, HostView
from bootstrap.machine.blueprint import Blueprint
from bootstrap.verify.areas import all_checks
from bootstrap.verify.check import Area, Check, Extra, Outcome, Result
from bootstrap.verify.run import chosen
from bootstrap.verify.subject import Subject

UNMET = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What `verify` was asked for: areas (none: all), a module of the course, what takes longer."""

    only: Collection[Area] = ()
    module: int | None = None
    extras: Collection[Extra] = ()

    @property
    def partial(self) -> bool:
        """Whether checks are left out."""
        return bool(self.only) or self.module is not None


def checks_for(course: Course, asked: Asked) -> tuple[Check, ...]:
    """The checks that were asked for, with those that they need.

    Raises UsageError E-MODULE-UNKNOWN, E-MODULE-NEEDS.
    """
    _check_needs(course)
    numbers = [module.number for module in course.modules]
    if asked.module is not None and asked.module not in numbers:
        there = ", ".join(map(str, numbers)) or "none"
        raise UsageError(
            "E-MODULE-UNKNOWN",
            f"the course {course.name} has no module {asked.module}",
            where="--module",
            remedy=f"its modules: {there}",
        )

    def wanted(check: Check) -> bool:
        of_module = asked.module is None or asked.module in modules_of(check, course)
        return of_module and (not asked.only or check.area in asked.only)

    return chosen(all_checks(), wanted, asked.extras)


def modules_of(check: Check, course: Course) -> tuple[int, ...]:
    """The modules of the course that a check matters to."""
    return tuple(m.number for m in course.modules if {check.area, check.code} & set(m.needs))


def _check_needs(course: Course) -> None:
    known = {*Area, *(check.code for check in all_checks())}
    for module in course.modules:
        for need in module.needs:
            if need not in known:
                near = difflib.get_close_matches(need, known, 1)
                raise UsageError(
                    "E-MODULE-NEEDS",
                    f"module {module.number} needs {need!r}, and no check is called so",
                    where=f"modules: {module.number}: needs",
                    remedy=f"did you mean {near[0]}?"
                    if near
                    else "`verify --json` lists all checks",
                )


@contextmanager
def subject_of(
    blueprint: Blueprint, view: HostView, host: Host, cancel: Cancel
) -> Iterator[Subject]:
    """The machine as checks see it, with a scratch folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mlops-verify-", ignore_cleanup_errors=True) as scratch:
        yield Subject(blueprint, view, host, Path(scratch), cancel)


def exit_code(results: Collection[Result]) -> int:
    """0 where nothing failed, 3 where only the machine itself falls short, 1 otherwise; what could
    not be tried, though nothing failed, is no proof either."""
    failed = [result for result in results if result.outcome is Outcome.FAILED]
    if not failed:
        return int(any(result.outcome is Outcome.BLOCKED for result in results))
    return UNMET if all(result.check.of_machine for result in failed) else 1

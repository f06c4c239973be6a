"""Checks carried out: independent ones at once, one that needs another after it."""

from __future__ import annotations

import graphlib
import queue
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

from bootstrap.core.errors import BootstrapError, Interrupted
from bootstrap.verify.check import Check, Extra, Finding, Outcome, Result, skipped
from bootstrap.verify.subject import Subject

AT_ONCE = 16
"""Checks wait for servers and processes, not for our own interpreter."""

Started = Callable[[Check], None]
Ended = Callable[[Result], None]


def chosen(
    checks: Sequence[Check], wanted: Callable[[Check], bool], extras: Collection[Extra] = ()
) -> tuple[Check, ...]:
    """The checks that are wanted and those that they need, in the order of the list."""
    by_code = {check.code: check for check in checks}
    waiting = [check for check in checks if wanted(check) and check.extra in (None, *extras)]
    kept: set[str] = set()
    while waiting:
        check = waiting.pop()
        if check.code not in kept:
            kept.add(check.code)
            waiting += [by_code[code] for code in check.requires]
    return tuple(check for check in checks if check.code in kept)


def run(
    checks: Sequence[Check],
    subject: Subject,
    *,
    started: Started = lambda _: None,
    ended: Ended = lambda _: None,
) -> tuple[Result, ...]:
    """All results, in the order of the checks; started and ended are called from one thread.

    Raises Interrupted where the run is cancelled; no other failure of a check is raised.
    """
    order = graphlib.TopologicalSorter({check.code: check.requires for check in checks})
    order.prepare()
    by_code = {check.code: check for check in checks}
    results: dict[str, Result] = {}
    done: queue.SimpleQueue[Result | Interrupted] = queue.SimpleQueue()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while order.is_active():
            for code in order.get_ready():
                started(by_code[code])
                blockers = _blockers(by_code[code], results)
                pool.submit(_into, done, by_code[code], subject, blockers)
            result = done.get()
            if isinstance(result, Interrupted):
                raise result
            results[result.check.code] = result
            order.done(result.check.code)
            ended(result)
    return tuple(results[check.code] for check in checks)


def _into(
    done: queue.SimpleQueue[Result | Interrupted],
    check: Check,
    subject: Subject,
    blockers: tuple[str, ...],
) -> None:
    done.put(_result(check, subject, blockers))


def _blockers(check: Check, results: dict[str, Result]) -> tuple[str, ...]:
    """The checks at the root of why this one cannot be tried."""
    found: dict[str, None] = {}
    for code in check.requires:
        result = results[code]
        if result.outcome is Outcome.BLOCKED:
            found.update(dict.fromkeys(result.blocked_by))
        elif not result.good:
            found[code] = None
    return tuple(found)


def _result(check: Check, subject: Subject, blockers: tuple[str, ...]) -> Result | Interrupted:
    began = time.monotonic()
    if check.docker and subject.runtime.name != "docker":
        return Result(check, skipped("native runtime"), 0.0)
    if blockers:
        blocked = Finding(Outcome.BLOCKED, f"blocked by {', '.join(blockers)}")
        return Result(check, blocked, 0.0, blocked_by=blockers)
    error = ""
    try:
        subject.cancel.check()
        finding = check.look(subject)
    except Interrupted as interrupted:
        return interrupted
    except BootstrapError as raised:
        where = f" ({raised.where})" if raised.where else ""
        finding = Finding(Outcome.FAILED, f"{raised.what}{where}", check.title, raised.remedy)
        error = raised.code
    except Exception as defect:  # noqa: BLE001 - a defect of ours in one check must not end the others
        said = f"{type(defect).__name__}: {defect}"
        remedy = "this is a defect of mlops-bootstrap: please report it with this line"
        finding, error = Finding(Outcome.FAILED, said, check.title, remedy), "E-INTERNAL"
    return Result(check, finding, time.monotonic() - began, error)

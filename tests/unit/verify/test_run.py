"""Checks carried out: order, blocking, and every way in which one can end."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError, Interrupted
from bootstrap.verify.areas import all_checks
from bootstrap.verify.check import Check, Extra, Finding, Outcome, Result, failed, passed, warning
from bootstrap.verify.run import chosen, run
from bootstrap.verify.verification import exit_code


class FakeSubject:
    """As much of a subject as the runner needs."""

    def __init__(self, runtime: str = "docker") -> None:
        self.cancel = Cancel()
        self.runtime = type("R", (), {"name": runtime})


def results_of(*checks: Check, subject: FakeSubject | None = None) -> dict[str, Result]:
    found = run(checks, cast("Any", subject or FakeSubject()))
    return {result.check.code: result for result in found}


def good(_: Any) -> Finding:
    return passed("well")


def bad(_: Any) -> Finding:
    return failed("ill", wanted="well", remedy="mend it")


def test_what_needs_a_failed_check_is_blocked_by_the_root_of_it() -> None:
    found = results_of(
        Check("tools.a", "a", bad),
        Check("tools.b", "b", good, requires=("tools.a",)),
        Check("data.c", "c", good, requires=("tools.b",)),
        Check("data.d", "d", good),
    )
    assert found["data.c"].outcome is Outcome.BLOCKED
    assert found["data.c"].blocked_by == ("tools.a",)
    assert found["data.c"].finding.found == "blocked by tools.a"
    assert found["data.d"].outcome is Outcome.PASSED


def test_a_warning_and_what_does_not_apply_block_nothing() -> None:
    found = results_of(
        Check("tools.a", "a", lambda _: warning("hm")),
        Check("tools.n", "n", bad, docker=True),
        Check("tools.b", "b", good, requires=("tools.a", "tools.n")),
        subject=FakeSubject("native"),
    )
    assert found["tools.n"].finding.found == "not applicable: native runtime"
    assert found["tools.b"].outcome is Outcome.PASSED


def test_a_warning_can_block_and_a_failure_can_let_go_on() -> None:
    found = results_of(
        Check("tools.a", "a", lambda _: warning("not now", blocks=True)),
        Check("tools.b", "b", lambda _: failed("ill", wanted="", remedy="", blocks=False)),
        Check("data.c", "c", good, requires=("tools.a",)),
        Check("data.d", "d", good, requires=("tools.b",)),
        Check("data.e", "e", good, requires=("data.c",)),
    )
    assert found["data.c"].blocked_by == found["data.e"].blocked_by == ("tools.a",)
    assert found["data.d"].outcome is Outcome.PASSED


def test_an_error_fails_its_check_with_its_remedy() -> None:
    def raises(_: Any) -> Finding:
        raise BootstrapError("E-SOMETHING", "it broke", where="there", remedy="do this")

    def defect(_: Any) -> Finding:
        raise KeyError("x")

    found = results_of(Check("tools.a", "a", raises), Check("tools.b", "b", defect))
    assert found["tools.a"].error == "E-SOMETHING"
    assert found["tools.a"].finding == Finding(Outcome.FAILED, "it broke (there)", "a", "do this")
    assert found["tools.b"].error == "E-INTERNAL"
    assert "KeyError" in found["tools.b"].finding.found


def test_a_cancelled_run_raises_interrupted() -> None:
    subject = FakeSubject()
    subject.cancel.request()
    with pytest.raises(Interrupted):
        results_of(Check("tools.a", "a", good), subject=subject)


def test_what_a_chosen_check_needs_is_chosen_too() -> None:
    checks = (
        Check("tools.a", "a", good),
        Check("tools.b", "b", good),
        Check("data.c", "c", good, requires=("tools.a",)),
        Check("data.deep", "d", good, extra=Extra.DEEP),
    )
    kept = chosen(checks, lambda check: check.area == "data")
    assert [check.code for check in kept] == ["tools.a", "data.c"]


def test_exit_codes() -> None:
    small = Check("tools.disk", "disk", bad, of_machine=True)
    broken = Check("tools.git", "git", bad)
    fine = Check("tools.a", "a", good)
    assert exit_code(list(results_of(fine).values())) == 0
    assert exit_code(list(results_of(fine, small).values())) == 3
    assert exit_code(list(results_of(small, broken).values())) == 1
    later = Check("tools.g", "g", lambda _: warning("not now", blocks=True))
    needs = Check("tools.e", "e", good, requires=("tools.g",))
    assert exit_code(list(results_of(later).values())) == 0
    assert exit_code(list(results_of(later, needs).values())) == 1


def test_every_code_is_there_once_and_needs_what_is_there() -> None:
    codes = [check.code for check in all_checks()]
    assert len(codes) == len(set(codes))
    assert all(set(check.requires) <= set(codes) for check in all_checks())

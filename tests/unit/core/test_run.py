import threading
import time

import pytest

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError
from bootstrap.core.events import Outcome, RunFinished, StepFinished
from bootstrap.core.step import Job
from tests.unit.core.fakes import Fake, Machine, carry_out


def test_independent_steps_overlap_and_dependants_wait() -> None:
    meeting = threading.Barrier(2, timeout=10)
    order: list[str] = []

    def meet(machine: Machine, job: Job) -> None:
        meeting.wait()  # breaks unless both are here at once

    def last(machine: Machine, job: Job) -> None:
        order.append("c")
        assert machine["a"] == machine["b"] == "done"

    result, _ = carry_out(
        Fake("a", apply=meet), Fake("b", apply=meet), Fake("c", "a", "b", apply=last)
    )
    assert result.outcome is Outcome.CHANGED
    assert order == ["c"]


def test_a_resource_is_used_by_one_step_at_a_time() -> None:
    inside = threading.Lock()

    def alone(machine: Machine, job: Job) -> None:
        assert inside.acquire(blocking=False)
        time.sleep(0.05)
        inside.release()

    apt = frozenset({"apt"})
    result, _ = carry_out(*(Fake(n, apply=alone, resources=apt) for n in "abc"))
    assert result.outcome is Outcome.CHANGED


def test_a_failure_is_contained_to_what_depends_on_it() -> None:
    def fail(machine: Machine, job: Job) -> None:
        job.note("the last line")
        raise BootstrapError("E-TEST", "broke", where="here", remedy="mend it")

    steps = (Fake("a", apply=fail), Fake("b", "a"), Fake("c", "b"), Fake("d"))
    result, recorder = carry_out(*steps)
    assert result.outcomes == {
        "a": Outcome.FAILED,
        "b": Outcome.BLOCKED,
        "c": Outcome.BLOCKED,
        "d": Outcome.CHANGED,
    }
    assert result.outcome is Outcome.FAILED
    assert result.failures["a"].code == "E-TEST"
    assert result.failures["a"].log == ("the last line",)
    finished = [e.step for e in recorder.events if isinstance(e, StepFinished)]
    assert sorted(finished) == ["a", "b", "c", "d"]
    assert isinstance(recorder.events[-1], RunFinished)


def test_a_step_that_changed_nothing_after_apply_is_a_failure() -> None:
    class Idle(Fake):
        def apply(self, host: Machine, job: Job) -> None:
            pass

    result, _ = carry_out(Idle("a"))
    assert result.failures["a"].code == "E-STEP-UNSATISFIED"


def test_a_step_is_observed_again_before_it_is_applied() -> None:
    dependant = Fake("b", "a")

    def also_makes_b(machine: Machine, job: Job) -> None:
        machine["b"] = "done"

    result, _ = carry_out(Fake("a", apply=also_makes_b), dependant)
    assert result.outcomes["b"] is Outcome.SATISFIED
    assert dependant.applied == 0


def test_a_defect_in_a_step_is_words_and_not_the_end_of_the_others() -> None:
    def defect(machine: Machine, job: Job) -> None:
        raise KeyError("oops")

    result, _ = carry_out(Fake("a", apply=defect), Fake("b"))
    assert result.failures["a"].code == "E-INTERNAL"
    assert result.outcomes["b"] is Outcome.CHANGED


def test_cancel_ends_what_runs_and_starts_nothing_more() -> None:
    cancel = Cancel()
    started = threading.Event()

    def long(machine: Machine, job: Job) -> None:
        started.set()
        job.cancel.sleep(60)

    threading.Thread(target=lambda: (started.wait(10), cancel.request(15))).start()
    later = Fake("b", "a")
    before = time.monotonic()
    result, _ = carry_out(Fake("a", apply=long), later, cancel=cancel)
    assert time.monotonic() - before < 10
    assert result.outcome is Outcome.INTERRUPTED
    assert result.outcomes == {"a": Outcome.INTERRUPTED, "b": Outcome.INTERRUPTED}
    assert later.applied == 0
    assert cancel.signal_number == 15


@pytest.mark.parametrize("before", [True, False])
def test_a_cancelled_callback_is_called_once(before: bool) -> None:
    cancel, calls = Cancel(), []
    if before:
        cancel.request()
    with cancel.on_request(lambda: calls.append(1)):
        if not before:
            cancel.request()
    assert calls == [1]

"""A run: a plan carried out. Independent steps at once, dependants after, failures contained."""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError, Interrupted
from bootstrap.core.events import (
    Emit,
    Failure,
    Outcome,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
)
from bootstrap.core.plan import Plan
from bootstrap.core.step import Job, Step

ViewT = TypeVar("ViewT")
HostT = TypeVar("HostT")


@dataclass(frozen=True)
class RunResult:
    """How a run ended: the outcome of every step that was part of it, and the failures by step."""

    outcome: Outcome
    outcomes: dict[str, Outcome]
    failures: dict[str, Failure]


class Resources:
    """What only one step may use at a time, by name; taken in sorted order, so never in a ring."""

    def __init__(self, names: frozenset[str]) -> None:
        self._locks = {name: threading.Lock() for name in names}

    @contextmanager
    def hold(self, names: frozenset[str]) -> Iterator[None]:
        """Hold the named resources while inside."""
        with ExitStack() as stack:
            for name in sorted(names):
                stack.enter_context(self._locks[name])
            yield


class Run(Generic[ViewT, HostT]):
    """Carries out one plan. Everything it has to say goes out as events."""

    def __init__(
        self, plan: Plan[ViewT, HostT], view: ViewT, host: HostT, emit: Emit, cancel: Cancel
    ) -> None:
        self._steps = {step.name: step for step in plan.steps}
        self._changing = plan.changing
        self._view = view
        self._host = host
        self._emit = emit
        self._cancel = cancel
        self._resources = Resources(frozenset().union(*(s.resources for s in plan.steps)))
        self._failures: dict[str, Failure] = {}
        self._outcomes: dict[str, Outcome] = {
            name: Outcome.SATISFIED for name in self._steps if name not in self._changing
        }

    def __call__(self) -> RunResult:
        """Run to the end; raises nothing that a step raised: failures are part of the result."""
        started = time.monotonic()
        listed = tuple((s.name, s.title) for s in self._steps.values() if s.name in self._changing)
        self._emit(RunStarted(time.time(), uuid.uuid4().hex[:12], listed))
        self._drain()
        outcome = self._summed_up()
        self._emit(RunFinished(time.time(), outcome, time.monotonic() - started))
        outcomes = {name: self._outcomes[name] for name in self._steps if name in self._changing}
        return RunResult(outcome, outcomes, dict(self._failures))

    def _drain(self) -> None:
        """Start each step as soon as all it requires has ended, until none is left."""
        waiting = [name for name in self._steps if name in self._changing]
        done: queue.SimpleQueue[tuple[str, Outcome]] = queue.SimpleQueue()
        running = 0
        with ThreadPoolExecutor(max(1, len(waiting))) as pool:
            while waiting or running:
                ready = [n for n in waiting if self._steps[n].requires <= self._outcomes.keys()]
                for name in ready:
                    waiting.remove(name)
                    running += 1
                    pool.submit(self._into, done, self._steps[name])
                name, outcome = done.get()
                running -= 1
                self._outcomes[name] = outcome

    def _into(self, done: queue.SimpleQueue[tuple[str, Outcome]], step: Step[ViewT, HostT]) -> None:
        done.put((step.name, self._one(step)))

    def _one(self, step: Step[ViewT, HostT]) -> Outcome:
        """Observe, apply, observe; every way this can end becomes an event and an outcome."""
        started = time.monotonic()
        job = Job(step.name, self._emit, self._cancel)
        found = ""
        try:
            outcome, found = self._converge(step, job)
        except Interrupted:
            outcome = Outcome.INTERRUPTED
        except BootstrapError as error:
            # A step may have turned the interruption of its command into an error of its own.
            outcome = Outcome.INTERRUPTED if self._cancel.requested else Outcome.FAILED
            if outcome is Outcome.FAILED:
                log = tuple(job.log)
                failure = Failure(error.code, error.what, error.where, error.remedy, log)
                self._failures[step.name] = failure
        except Exception as error:  # noqa: BLE001 - a defect of ours in one step must not end the others
            # A cancelled step may fail in whatever way its library fails when it is cut off.
            outcome = Outcome.INTERRUPTED if self._cancel.requested else Outcome.FAILED
            if outcome is Outcome.FAILED:
                self._failures[step.name] = _defect(error, job)
        seconds = time.monotonic() - started
        failed = self._failures.get(step.name)
        self._emit(StepFinished(time.time(), step.name, outcome, seconds, found, failed))
        return outcome

    def _converge(self, step: Step[ViewT, HostT], job: Job) -> tuple[Outcome, str]:
        missing = [r for r in sorted(step.requires) if not self._good(r)]
        if missing:
            if self._cancel.requested:
                return Outcome.INTERRUPTED, ""
            self._failures[step.name] = Failure("E-BLOCKED", f"needs {', '.join(missing)}")
            return Outcome.BLOCKED, ""
        with self._resources.hold(step.resources):
            self._cancel.check()
            seen = step.observe(self._view)
            if seen.satisfied:
                return Outcome.SATISFIED, seen.found
            self._emit(StepStarted(time.time(), step.name, seen.found, seen.wanted))
            step.apply(self._host, job)
            after = step.observe(self._view)
            if not after.satisfied:
                raise BootstrapError(
                    "E-STEP-UNSATISFIED",
                    f"{step.title}: applied, but found {after.found}, wanted {after.wanted}",
                    where=step.name,
                    remedy="run `mlops-bootstrap up` again and report the journal if it stays",
                )
            return Outcome.CHANGED, after.found

    def _good(self, name: str) -> bool:
        return self._outcomes[name] in {Outcome.SATISFIED, Outcome.CHANGED}

    def _summed_up(self) -> Outcome:
        outcomes = set(self._outcomes.values())
        for worst in (Outcome.INTERRUPTED, Outcome.FAILED, Outcome.CHANGED):
            if worst in outcomes:
                return worst
        return Outcome.SATISFIED


def _defect(error: Exception, job: Job) -> Failure:
    """An exception that nobody translated: a defect of ours, said without a traceback."""
    return Failure(
        "E-INTERNAL",
        f"{type(error).__name__}: {error}",
        remedy="this is a defect of mlops-bootstrap: please report it with the journal",
        log=tuple(job.log),
    )

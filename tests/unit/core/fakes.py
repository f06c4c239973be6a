"""Steps over a dictionary that stands for a machine: real threads, no machine."""

from __future__ import annotations

import threading
from collections.abc import Callable

from bootstrap.core.cancel import Cancel
from bootstrap.core.events import Event
from bootstrap.core.plan import make_plan
from bootstrap.core.run import Run, RunResult
from bootstrap.core.step import Job, Observation, Step

Machine = dict[str, str]


class Fake(Step[Machine, Machine]):
    def __init__(
        self,
        name: str,
        *requires: str,
        apply: Callable[[Machine, Job], None] | None = None,
        resources: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self.title = name.title()
        self.requires = frozenset(requires)
        self.resources = resources
        self._apply = apply
        self.applied = 0

    def observe(self, view: Machine) -> Observation:
        return Observation(view.get(self.name) == "done", view.get(self.name, "absent"), "done")

    def apply(self, host: Machine, job: Job) -> None:
        self.applied += 1
        if self._apply:
            self._apply(host, job)
        host[self.name] = "done"


class Recorder:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self.events.append(event)

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


def carry_out(
    *steps: Fake, machine: Machine | None = None, cancel: Cancel | None = None
) -> tuple[RunResult, Recorder]:
    machine = {} if machine is None else machine
    recorder = Recorder()
    plan = make_plan(steps, machine)
    return Run(plan, machine, machine, recorder, cancel or Cancel())(), recorder

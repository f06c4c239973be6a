"""The state of every step of a run, kept up to date by events. Renderers draw it."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bootstrap.core.events import (
    Event,
    Failure,
    Outcome,
    RunFinished,
    RunStarted,
    StepFinished,
    StepNote,
    StepProgress,
    StepStarted,
)
from bootstrap.report import clean

Requires = Mapping[str, frozenset[str]]
"""For each step, by name, the steps it comes after."""


class State(enum.Enum):
    """Where a step is: waiting, running, or one of the ways to end."""

    WAITING = "waiting"
    RUNNING = "running"
    SATISFIED = "satisfied"
    CHANGED = "changed"
    FAILED = "failed"
    BLOCKED = "blocked"
    INTERRUPTED = "interrupted"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to the step."""
        return self not in {State.WAITING, State.RUNNING}

    @property
    def good(self) -> bool:
        """Whether the machine is as the step wants it."""
        return self in {State.SATISFIED, State.CHANGED}


@dataclass(slots=True)
class Row:
    """One step as it stands now. since is on the board's clock, seconds is set at the end."""

    name: str
    title: str
    state: State = State.WAITING
    since: float = 0.0
    seconds: float = 0.0
    found: str = ""
    note: str = ""
    progress: StepProgress | None = None
    failure: Failure | None = None


@dataclass(slots=True)
class Board:
    """All rows in the order of the plan. Not locked: its renderer does that."""

    requires: Requires = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    rows: dict[str, Row] = field(default_factory=dict)
    started: float = 0.0
    outcome: Outcome | None = None
    seconds: float = 0.0

    def apply(self, event: Event) -> None:
        """Take in one event. A step that nobody announced gets a row of its own."""
        match event:
            case RunStarted():
                self.started = self.clock()
                self.rows = {name: Row(name, title) for name, title in event.steps}
            case StepStarted():
                row = self.row(event.step)
                row.state, row.since = State.RUNNING, self.clock()
            case StepProgress():
                self._progress(event)
            case StepNote():
                said = clean.lines(event.text)
                self.row(event.step).note = said[-1] if said else ""
            case StepFinished():
                row = self.row(event.step)
                row.state, row.seconds = State(event.outcome.value), event.seconds
                row.found, row.failure = event.found, event.failure
            case RunFinished():
                self.outcome, self.seconds = event.outcome, event.seconds

    def abandon(self) -> None:
        """The run ended without saying so: what was under way was stopped."""
        if self.outcome is None:
            self.seconds, self.outcome = self.elapsed(), Outcome.INTERRUPTED
            for row in self.rows.values():
                if row.state is State.RUNNING:
                    row.state, row.seconds = State.INTERRUPTED, self.clock() - row.since

    def row(self, name: str) -> Row:
        """The row of a step."""
        return self.rows.setdefault(name, Row(name, name))

    def _progress(self, event: StepProgress) -> None:
        row = self.row(event.step)
        if row.progress is None or row.progress.what != event.what:
            row.note = ""  # it was about what came before
        row.progress = event

    def waits_for(self, row: Row) -> list[str]:
        """Titles of the steps that a row comes after and that have not ended well."""
        names = [name for name in self.rows if name in self.requires.get(row.name, frozenset())]
        return [self.rows[name].title for name in names if not self.rows[name].state.good]

    def elapsed(self) -> float:
        """Seconds that the run took, or has taken so far."""
        return self.seconds if self.outcome else self.clock() - self.started

    def failed(self) -> list[Row]:
        """The steps that failed by themselves, in the order of the plan."""
        return [row for row in self.rows.values() if row.state is State.FAILED and row.failure]

    def ended(self) -> int:
        """How many steps have ended."""
        return sum(row.state.ended for row in self.rows.values())

    def blocked_on(self, row: Row) -> str:
        """Why a step was not tried, in titles where the order of the steps is known."""
        titles = self.waits_for(row)
        if titles:
            return f"needs {', '.join(titles)}"
        return clean.line(row.failure.what) if row.failure else ""

    def verdict(self) -> str:
        """The whole run in one line."""
        took = [row.state for row in self.rows.values()]
        failed, blocked = took.count(State.FAILED), took.count(State.BLOCKED)
        if self.outcome is Outcome.INTERRUPTED:
            return "stopped; `mlops-bootstrap up` goes on from here"
        if failed or blocked:
            not_tried = f", {blocked} not tried" if blocked else ""
            return f"{failed} failed{not_tried}, {sum(s.good for s in took)} done"
        return f"all {len(took)} done" if len(took) > 1 else "done"

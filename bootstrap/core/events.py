"""What happens in a run, as values. Every renderer and the journal read these and nothing else."""

from __future__ import annotations

import dataclasses
import enum
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Outcome(enum.StrEnum):
    """How a step, or a whole run, ended."""

    SATISFIED = "satisfied"  # the machine already was as wanted
    CHANGED = "changed"  # applied, and observed as wanted afterwards
    FAILED = "failed"
    BLOCKED = "blocked"  # not tried: something it depends on failed
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Failure:
    """A BootstrapError as plain data, with the last lines of what was being done."""

    code: str
    what: str
    where: str = ""
    remedy: str = ""
    log: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `at` is seconds since the epoch."""

    at: float


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """A run begins; steps lists (name, title) of every step that may change something."""

    run: str
    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StepStarted(Event):
    """A step is being applied."""

    step: str
    found: str
    wanted: str


@dataclass(frozen=True, slots=True)
class StepProgress(Event):
    """How far a step is: done of total in unit (`bytes`, `packages`, …); total 0 is unknown."""

    step: str
    what: str
    done: int
    total: int
    unit: str


@dataclass(frozen=True, slots=True)
class StepNote(Event):
    """One line a step has to say: what it waits for, a line of a log, a retry."""

    step: str
    text: str


@dataclass(frozen=True, slots=True)
class StepFinished(Event):
    """A step ended; seconds is what it took, failure says why where it failed or is blocked."""

    step: str
    outcome: Outcome
    seconds: float
    found: str = ""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class RunFinished(Event):
    """The run ended."""

    outcome: Outcome
    seconds: float


Emit = Callable[[Event], None]


def as_json(event: Event) -> dict[str, Any]:
    """An event as a JSON object; `event` holds its type in kebab-case. The shape is version 1."""
    name = "".join(f"-{c.lower()}" if c.isupper() else c for c in type(event).__name__).lstrip("-")
    return {"event": name, **dataclasses.asdict(event)}


class Bus:
    """Hands each event to every listener, one event at a time, whichever thread it comes from."""

    def __init__(self, *listeners: Emit) -> None:
        self._listeners = listeners
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        """Hand the event on."""
        with self._lock:
            for listener in self._listeners:
                listener(event)

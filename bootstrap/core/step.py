"""A step: one thing a machine gets. It observes (reads) and applies (changes)."""

from __future__ import annotations

import collections
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar

from bootstrap.core.cancel import Cancel
from bootstrap.core.events import Emit, StepNote, StepProgress

ViewT = TypeVar("ViewT")
HostT = TypeVar("HostT")

LOG_LINES_KEPT = 12
"""How many of the last lines of a step a failure shows: what fits beside a remedy."""

PROGRESS_INTERVAL = 0.1
"""Seconds between two progress events of one step: faster than a person reads."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What a step found beside what it wants, as a person would say it."""

    satisfied: bool
    found: str
    wanted: str


class Job:
    """What a step is given to work with: a way to report, and to see that it should stop."""

    def __init__(self, step: str, emit: Emit, cancel: Cancel) -> None:
        self._step = step
        self._emit = emit
        self._last_progress = 0.0
        self.cancel = cancel
        self.log: collections.deque[str] = collections.deque(maxlen=LOG_LINES_KEPT)

    def note(self, text: str) -> None:
        """Say one line. It also is part of what a failure shows."""
        self.log.append(text)
        self._emit(StepNote(time.time(), self._step, text))

    def progress(self, what: str, done: int, total: int, unit: str) -> None:
        """Say how far the step is; called as often as convenient, reported at a readable rate."""
        now = time.monotonic()
        if now - self._last_progress >= PROGRESS_INTERVAL or done == total:
            self._last_progress = now
            self._emit(StepProgress(time.time(), self._step, what, done, total, unit))


class Step(ABC, Generic[ViewT, HostT]):
    """One thing a machine gets.

    name is stable and unique in a plan; title is for people; requires names the steps that must be
    as wanted before this one is applied; resources names what only one step may use at a time.
    observe is read-only and quick: what it is given has no way to change anything. apply is
    idempotent and can be stopped anywhere: applying again goes on from there.
    """

    name: str
    title: str
    requires: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()

    @abstractmethod
    def observe(self, view: ViewT) -> Observation:
        """Compare the machine with what is wanted."""

    @abstractmethod
    def apply(self, host: HostT, job: Job) -> None:
        """Make the machine as wanted. Raises BootstrapError."""

    def as_root(self, view: ViewT) -> tuple[str, ...]:  # noqa: ARG002 - for those that need root
        """The command lines that apply would run as root on this machine; most steps need none."""
        return ()

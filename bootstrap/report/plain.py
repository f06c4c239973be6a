"""A line an event on stderr, for logs that nobody watches: CI, cron, a pipe."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Self, TextIO

from bootstrap.core.events import (
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
    StepNote,
    StepProgress,
    StepStarted,
)
from bootstrap.report import clean, text, units
from bootstrap.report.board import Board, Requires, Row, State
from bootstrap.report.sink import Sink

PROGRESS_EVERY = 5.0
"""Seconds between two progress lines of one step: a log should stay short."""


class PlainRenderer:
    """Prints events as lines that begin with the seconds since the start."""

    def __init__(
        self,
        stderr: TextIO,
        requires: Requires | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sink = Sink(stderr)
        self._board = Board(requires or {}, clock, started=clock())
        self._clock = clock
        self._said: dict[str, float] = {}
        self._failures_shown = False
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        """Print one event, unless it is progress soon after progress."""
        with self._lock:
            self._board.apply(event)
            match event:
                case RunStarted():
                    self._line(f"{text.count(len(event.steps), 'step')} to do")
                case StepStarted():
                    found, wanted = clean.line(event.found), clean.line(event.wanted)
                    self._say(event.step, f"start: {found or 'nothing'} -> {wanted}")
                    self._said[event.step] = self._clock()
                case StepProgress():
                    self._progress(event)
                case StepNote():
                    for line in clean.lines(event.text):
                        self._say(event.step, line)
                case StepFinished():
                    self._say(event.step, self._ending(self._board.row(event.step)))
                case RunFinished():
                    self._line(f"{self._board.verdict()}, {units.duration(event.seconds)}")
                    self._failures()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Show the failures of a run that did not come to its end."""
        with self._lock:
            self._failures()

    def _progress(self, event: StepProgress) -> None:
        now = self._clock()
        if now - self._said.get(event.step, float("-inf")) >= PROGRESS_EVERY:
            self._said[event.step] = now
            far = units.progress(event.done, event.total, event.unit)
            self._say(event.step, f"{clean.line(event.what)} {far}".strip())

    def _ending(self, row: Row) -> str:
        took = units.duration(row.seconds)
        match row.state:
            case State.SATISFIED:
                return f"already there: {clean.line(row.found)}".removesuffix(": ")
            case State.CHANGED:
                return f"done in {took}: {clean.line(row.found)}".removesuffix(": ")
            case State.BLOCKED:
                return f"not tried: {self._board.blocked_on(row)}"
            case State.INTERRUPTED:
                return f"stopped after {took}"
            case _:
                code, what = (row.failure.code, row.failure.what) if row.failure else ("", "")
                return f"FAILED after {took}: {code} {' '.join(clean.lines(what)[:1])}".rstrip(" :")

    def _failures(self) -> None:
        if not self._failures_shown:
            for row in self._board.failed():
                if row.failure:
                    self._sink.line("\n" + text.failure(row.failure, row.title))
            self._failures_shown = True

    def _say(self, step: str, what: str) -> None:
        self._line(f"{self._board.row(step).title}: {what}")

    def _line(self, what: str) -> None:
        self._sink.line(f"{self._clock() - self._board.started:7.1f} s  {what}")

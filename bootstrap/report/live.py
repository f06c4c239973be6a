"""The live display: one line a step that changes in place, for a person at a terminal.

It imports rich, as rows and drawing do; import it where it is needed.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Self

from rich.console import Console, RenderableType
from rich.text import Text

from bootstrap.core.events import Event
from bootstrap.report import text, units
from bootstrap.report.board import Board, Requires
from bootstrap.report.colour import Paint
from bootstrap.report.drawing import Drawing
from bootstrap.report.rows import Rows


class LiveRenderer:
    """Shows a run while inside; leaving keeps the last picture and adds why what failed failed.

    Events may come from any thread: they only change the board, one thread draws it. rich shows
    the cursor again however the block is left.
    """

    def __init__(
        self,
        console: Console,
        requires: Requires | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console
        self._board = Board(requires or {}, clock, started=clock())
        self._rows = Rows(console)
        self._lock = threading.Lock()
        self._final = False
        self._drawing = Drawing(console, self.picture)

    def __call__(self, event: Event) -> None:
        """Take in one event; the next frame shows it."""
        with self._lock:
            self._board.apply(event)

    def __enter__(self) -> Self:
        self._drawing.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Draw once more with every row, give the cursor back, and say why what failed failed."""
        self._drawing.halt()
        with self._lock:
            self._final = True
            self._board.abandon()
        with contextlib.suppress(OSError):  # the terminal went away: nobody is left to tell
            self._drawing.stop()
            self.ending()

    def picture(self) -> RenderableType:
        """The run as it stands."""
        with self._lock:
            if not self._board.rows:
                return Text()
            return self._rows.draw(self._board, final=self._final)

    def ending(self) -> None:
        """The whole run in one line, and each failure with its remedy."""
        if not self._board.rows:
            return
        paint = Paint(on=self._console.color_system is not None and not self._console.no_color)
        took = paint.dim(units.duration(self._board.seconds))
        parts = [f"{self._board.verdict()}  {took}"]
        parts += [
            text.failure(row.failure, row.title, paint)
            for row in self._board.failed()
            if row.failure
        ]
        for part in parts:
            self._console.print()
            self._console.print(Text.from_ansi(part), soft_wrap=True)

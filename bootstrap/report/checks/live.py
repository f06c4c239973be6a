"""The live display of `verify`: one line an area that changes in place, gone at the end.

It imports rich; import it where it is needed.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Self

from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from bootstrap.report import clean, units
from bootstrap.report.checks.areas import AreaRow, Areas
from bootstrap.report.checks.values import WORDS, Check, Ended, tally
from bootstrap.report.drawing import Drawing
from bootstrap.report.rows import MARGIN, WIDEST

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

STYLES = {
    "failed": "bold red",
    "blocked": "yellow",
    "warning": "yellow",
    "passed": "green",
    "skipped": "dim",
}


class LiveAreas:
    """Shows a verification while inside; leaving takes the picture away: the table follows."""

    def __init__(
        self,
        console: Console,
        checks: Sequence[Check],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console
        self._areas = Areas(checks, clock)
        self._lock = threading.Lock()
        self._ascii = console.options.ascii_only
        self._spinner = Spinner("line" if self._ascii else "dots", style="cyan", speed=0.7)
        self._drawing = Drawing(console, self.picture, transient=True)

    def started(self, check: Check) -> None:
        """Take in a check that begins; the next frame shows it."""
        with self._lock:
            self._areas.started(check)

    def ended(self, result: Ended) -> None:
        """Take in a check that has ended."""
        with self._lock:
            self._areas.ended(result)

    def __enter__(self) -> Self:
        self._drawing.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the picture away and give the cursor back."""
        self._drawing.halt()
        with contextlib.suppress(OSError):  # the terminal went away: nobody is left to tell
            self._drawing.stop()

    def picture(self) -> RenderableType:
        """The areas as they stand, as many as the terminal has room for."""
        with self._lock:
            rows = list(self._areas.rows.values())
            table = self._grid(rows)
            room = max(1, self._console.height - 3)
            for row in sorted(rows, key=lambda row: row.ended)[:room] if len(rows) > room else rows:
                table.add_row(*self._cells(row))
            table.add_row()
            far = Text(f"{self._areas.done} of {self._areas.total} checks", style="dim")
            took = Text(units.duration(self._areas.elapsed), style="dim")
            table.add_row("", took, "", far)
        return table

    def _grid(self, rows: Sequence[AreaRow]) -> Table:
        table = Table.grid(padding=(0, 1, 0, 0))
        table.width = min(self._console.width - MARGIN, WIDEST)
        table.add_column(width=1)
        table.add_column(no_wrap=True, width=max((len(row.name) for row in rows), default=0) + 1)
        table.add_column(no_wrap=True, justify="right", width=8)
        table.add_column(no_wrap=True, overflow="crop" if self._ascii else "ellipsis", ratio=1)
        return table

    def _cells(self, row: AreaRow) -> list[RenderableType]:
        far = f"{len(row.outcomes)} of {row.total}"
        return [self._glyph(row), row.name, Text(far, style="dim"), self._said(row)]

    def _glyph(self, row: AreaRow) -> RenderableType:
        if row.running:
            return self._spinner.render(self._console.get_time())
        if not row.ended:
            return Text("." if self._ascii else "·", style="dim")
        if {"failed", "blocked"} & set(row.outcomes):
            return Text("x" if self._ascii else "✗", style=STYLES["failed"])
        return Text("+" if self._ascii else "✓", style=STYLES["passed"])

    def _said(self, row: AreaRow) -> Text:
        """What is amiss, then what runs now."""
        said = Text()
        for number, name in tally(row.outcomes):
            if name in {"failed", "blocked", "warning"}:
                said.append(f"{number} {WORDS[name]}  ", style=STYLES[name])
        now = ", ".join(code.partition(".")[2] for code in row.running)
        return said.append(clean.line(now), style="dim")

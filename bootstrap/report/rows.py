"""A board as rich draws it: one line a step, as many as the terminal has room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from bootstrap.report import clean, units
from bootstrap.report.board import Board, Row, State

if TYPE_CHECKING:
    from rich.console import Console, OverflowMethod, RenderableType

WIDE = 70
"""Columns from which there is room for a bar and for full figures."""

WIDEST = 100
"""Columns that a line takes at most: further apart, the eye loses the line."""

MARGIN = 2
"""Columns left free at the right: the terminal's own ^C there must not begin a new line."""

BAR_WIDTH = 10


@dataclass(frozen=True, slots=True)
class Look:
    """How a state looks. Its word is in the line as well: colour and glyph only repeat it."""

    glyph: str
    ascii: str
    style: str


LOOKS = {
    State.WAITING: Look("·", ".", "dim"),
    State.RUNNING: Look("•", "*", "cyan"),
    State.SATISFIED: Look("✓", "+", "green"),
    State.CHANGED: Look("✓", "+", "green"),
    State.FAILED: Look("✗", "x", "bold red"),
    State.BLOCKED: Look("○", "o", "yellow"),
    State.INTERRUPTED: Look("■", "#", "yellow"),
}


class Rows:
    """Draws boards. It holds the spinner, so that its turning goes on from frame to frame."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._ascii = console.options.ascii_only
        self._spinner = Spinner("line" if self._ascii else "dots", style="cyan", speed=0.7)

    def draw(self, board: Board, *, final: bool = False) -> RenderableType:
        """The board as it stands. The final one has every row; a moving one fits the terminal."""
        rows = list(board.rows.values())
        width = min(self._console.width - MARGIN, WIDEST)
        wide = width >= WIDE
        bars = wide and not final
        table = self._grid(rows, width, bars=bars)
        room = len(rows) if final else max(1, self._console.height - 3)
        shown = rows if len(rows) <= room else most_telling(rows, room - 1)
        for row in shown:
            table.add_row(*self._cells(board, row, wide=wide, bars=bars))
        if len(shown) < len(rows):
            table.add_row("", Text(f"{len(rows) - len(shown)} more", style="dim"))
        if not final:
            took = Text(units.duration(board.elapsed()), style="dim")
            table.add_row()
            blank = [""] * (len(table.columns) - 3)
            far = Text(f"{board.ended()} of {len(rows)} done", style="dim")
            table.add_row("", far, *blank, took)
        return table

    def _grid(self, rows: list[Row], width: int, *, bars: bool) -> Table:
        wide = width >= WIDE
        titles = max((len(row.title) for row in rows), default=0)
        table = Table.grid(padding=(0, 1, 0, 0))
        table.width = width
        table.add_column(width=1)
        most = width * 2 // 5
        over: OverflowMethod = "crop" if self._ascii else "ellipsis"
        table.add_column(no_wrap=True, overflow=over, width=max(min(titles, most), 12) + wide)
        table.add_column(no_wrap=True, overflow=over, ratio=1)
        if bars:
            table.add_column(width=BAR_WIDTH)
        table.add_column(justify="right", no_wrap=True, width=10 if wide else 6)
        return table

    def _cells(self, board: Board, row: Row, *, wide: bool, bars: bool) -> list[RenderableType]:
        title = Text(clean.line(row.title), style="dim" if row.state is State.WAITING else "")
        detail = said(board, row, wide=wide)
        if row.state in {State.WAITING, State.SATISFIED}:
            detail.stylize("dim")
        bar = [self._bar(row)] if bars else []
        return [self._glyph(row.state), title, detail, *bar, self._took(board, row, wide=wide)]

    def _glyph(self, state: State) -> RenderableType:
        if state is State.RUNNING:
            return self._spinner.render(self._console.get_time())
        look = LOOKS[state]
        return Text(look.ascii if self._ascii else look.glyph, style=look.style)

    def _bar(self, row: Row) -> RenderableType:
        progress = row.progress
        if row.state is not State.RUNNING or progress is None or not progress.total:
            return ""
        done = min(progress.done, progress.total)
        return ProgressBar(
            total=progress.total,
            completed=done,
            width=BAR_WIDTH,
            style="bright_black",
            complete_style="cyan",
            finished_style="cyan",
        )

    def _took(self, board: Board, row: Row, *, wide: bool) -> RenderableType:
        shown = units.duration if wide else units.short
        if row.state is State.RUNNING:
            return Text(shown(board.clock() - row.since))
        if row.state in {State.WAITING, State.BLOCKED, State.SATISFIED}:
            return ""
        return Text(shown(row.seconds), style="dim")


def said(board: Board, row: Row, *, wide: bool) -> Text:
    """What a step has to say for itself in words."""
    if row.state is State.RUNNING:
        return _running(row, wide=wide)
    after = board.waits_for(row)
    waits = f"after {after[-1]}" if after else "waiting"
    found, why = clean.line(row.found), row.failure.code if row.failure else ""
    words = {
        State.WAITING: ("not begun" if board.outcome else waits, ""),
        State.SATISFIED: ("already there", found),
        State.CHANGED: (found or "done", ""),
        State.FAILED: ("failed", why),
        State.BLOCKED: (f"{'not tried: ' if wide else ''}{board.blocked_on(row)}", ""),
        State.INTERRUPTED: ("stopped", ""),
    }[row.state]
    style = "" if row.state.good or row.state is State.WAITING else LOOKS[row.state].style
    return Text("  ".join(words if wide else words[:1]).rstrip(), style=style)


def _running(row: Row, *, wide: bool) -> Text:
    """Progress, as a share where there is no room for figures, then the latest note dimmed."""
    parts = Text()
    if row.progress and (wide or not row.progress.total):
        far = units.progress(row.progress.done, row.progress.total, row.progress.unit)
        parts.append(f"{clean.line(row.progress.what)} {far}".strip())
    elif row.progress:
        share = min(100 * row.progress.done // row.progress.total, 100)
        parts.append(f"{share} %  {clean.line(row.progress.what)}")
    if row.note:
        parts.append(f"{'  ' if parts else ''}{row.note}", style="dim")
    return parts or Text("working", style="dim")


def most_telling(rows: list[Row], room: int) -> list[Row]:
    """The rows to show where not all fit, in their order: failed, running, waiting, then ended."""
    ranks = {State.FAILED: 0, State.RUNNING: 1, State.INTERRUPTED: 2, State.WAITING: 3}
    ranked = sorted(range(len(rows)), key=lambda i: (ranks.get(rows[i].state, 4), i))
    return [rows[i] for i in sorted(ranked[: max(room, 0)])]

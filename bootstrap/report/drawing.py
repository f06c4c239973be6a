"""A picture that changes in place on a terminal, drawn by a thread of its own."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from rich.console import Console, RenderableType
from rich.live import Live

FRAMES_PER_SECOND = 6
"""Enough for a spinner to turn smoothly, few enough to cost nothing."""


class Drawing:
    """Draws what picture gives from start to stop, then leaves it there, or no trace of it.

    picture is called from the drawing thread. rich shows the cursor again however it ends; a
    terminal that went away ends the drawing, and nothing else.
    """

    def __init__(
        self, console: Console, picture: Callable[[], RenderableType], *, transient: bool = False
    ) -> None:
        self._leave = threading.Event()
        self._drawer = threading.Thread(target=self._draw, name="live-display", daemon=True)
        self._live = Live(
            console=console,
            get_renderable=picture,
            auto_refresh=False,  # its thread would end in a traceback when the terminal goes away
            vertical_overflow="crop",
            redirect_stdout=False,  # stdout carries the result, not the progress
            transient=transient,
        )

    def start(self) -> None:
        """Begin to draw."""
        self._live.start()
        self._drawer.start()

    def halt(self) -> None:
        """Draw no more of what moves."""
        self._leave.set()
        self._drawer.join()

    def stop(self) -> None:
        """Draw the last picture and give the cursor back. Raises OSError without a terminal."""
        self._live.stop()

    def _draw(self) -> None:
        with contextlib.suppress(OSError):  # the terminal went away: the run goes on unseen
            while not self._leave.wait(1 / FRAMES_PER_SECOND):
                self._live.refresh()

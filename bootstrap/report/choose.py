"""Which renderer a command uses: live for a person at a terminal, lines for everything else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TextIO

from bootstrap.core.events import Event
from bootstrap.report import colour
from bootstrap.report.board import Requires
from bootstrap.report.jsonlines import JsonLinesRenderer
from bootstrap.report.plain import PlainRenderer

if TYPE_CHECKING:
    from rich.console import Console

    from bootstrap.core.plan import Plan

Kind = Literal["auto", "plain", "json"]


class Renderer(Protocol):
    """Shows events while inside; leaving shows what is left to say and restores the terminal."""

    def __call__(self, event: Event) -> None:
        """Show one event."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def renderer(
    kind: Kind,
    stdout: TextIO,
    stderr: TextIO,
    environ: Mapping[str, str],
    requires: Requires | None = None,
) -> Renderer:
    """The renderer for what was asked for and who reads it.

    requires (see requires_of) lets it say in titles what a waiting or blocked step is after.
    """
    if kind == "json":
        return JsonLinesRenderer(stdout)
    if kind == "auto" and is_live(stderr, environ):
        return OnFirstEvent(lambda: _live(stderr, environ, requires))
    return PlainRenderer(stderr, requires)


def is_live(stderr: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether a person watches who can see lines change: a terminal, not dumb, not CI."""
    return colour.is_terminal(stderr) and environ.get("TERM") != "dumb" and not environ.get("CI")


def requires_of(plan: Plan[Any, Any]) -> Requires:
    """For each step of a plan, the steps it comes after."""
    return {step.name: step.requires for step in plan.steps}


def console(stderr: TextIO, environ: Mapping[str, str]) -> Console:
    """A terminal as rich draws on it; what is printed stands there as it is."""
    from rich.console import Console

    return Console(
        file=stderr,
        force_terminal=True,
        no_color=True if environ.get("NO_COLOR") else None,
        markup=False,
        emoji=False,
        highlight=False,
    )


def _live(stderr: TextIO, environ: Mapping[str, str], requires: Requires | None) -> Renderer:
    from bootstrap.report.live import LiveRenderer

    return LiveRenderer(console(stderr, environ), requires)


class OnFirstEvent:
    """Makes its renderer at the first event: rich takes 0.1 s to import, a no-op `up` 0.3 s."""

    def __init__(self, make: Callable[[], Renderer]) -> None:
        self._make = make
        self._made: Renderer | None = None
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        with self._lock:
            if self._made is None:
                self._made = self._make().__enter__()
        self._made(event)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the renderer, where one was made."""
        if self._made is not None:
            self._made.__exit__(kind, error, trace)

"""What a person sees while checks run: a live display, lines where nobody watches, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self, TextIO

from bootstrap.report import choose, units
from bootstrap.report.checks.values import Check, Ended
from bootstrap.report.sink import Sink


class Display(Protocol):
    """Shows checks that begin and end while inside."""

    def started(self, check: Check) -> None:
        """A check begins."""

    def ended(self, result: Ended) -> None:
        """A check has ended."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def display(
    checks: Sequence[Check], stderr: TextIO, environ: Mapping[str, str], *, quiet: bool
) -> Display:
    """The display for who watches. quiet: no lines where nobody does, other programs read."""
    if choose.is_live(stderr, environ):
        from bootstrap.report.checks.live import LiveAreas

        return LiveAreas(choose.console(stderr, environ), checks)
    return Lines((lambda _: None) if quiet else Sink(stderr).line)


class Lines:
    """A line for each check that has ended, for logs."""

    def __init__(self, line: Callable[[str], None]) -> None:
        self._line = line

    def started(self, check: Check) -> None:
        """Nothing is said: the end comes soon."""

    def ended(self, result: Ended) -> None:
        """Say how it ended and what it took."""
        took = units.duration(result.seconds)
        self._line(f"{took:>8}  {result.outcome:<7}  {result.check.code}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left to say."""

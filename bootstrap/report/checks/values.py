"""What the renderers need to know of a check; those of `verify` have more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Check(Protocol):
    """A check that begins."""

    @property
    def code(self) -> str:
        """Its stable code, AREA.NAME."""

    @property
    def area(self) -> str:
        """What it is about."""


class Ended(Protocol):
    """A check that has ended."""

    @property
    def check(self) -> Check:
        """Which one."""

    @property
    def outcome(self) -> str:
        """How: one of OUTCOMES."""

    @property
    def seconds(self) -> float:
        """What it took."""


class Result(Protocol):
    """A check as a report has it."""

    @property
    def code(self) -> str:
        """Its stable code, AREA.NAME."""

    @property
    def area(self) -> str:
        """What it is about."""

    @property
    def title(self) -> str:
        """What is so where it passes."""

    @property
    def modules(self) -> Sequence[int]:
        """The modules of the course that it matters to."""

    @property
    def outcome(self) -> str:
        """How it ended: one of OUTCOMES."""

    @property
    def found(self) -> str:
        """What is there."""

    @property
    def wanted(self) -> str:
        """What should be there."""

    @property
    def remedy(self) -> str:
        """What to type or do."""

    @property
    def error(self) -> str:
        """Code of the error that ended it, empty where none did."""

    @property
    def seconds(self) -> float:
        """What it took."""


OUTCOMES = ("failed", "blocked", "warning", "passed", "skipped")
"""How a check can end, the most pressing first."""

WORDS = {
    "failed": "failed",
    "blocked": "blocked",
    "warning": "warning",
    "passed": "passed",
    "skipped": "not applicable",
}
"""The same in words behind a number."""


def tally(outcomes: Sequence[str]) -> list[tuple[int, str]]:
    """How many ended in which way, the most pressing first; ways that none took are left out."""
    return [(number, name) for name in OUTCOMES if (number := outcomes.count(name))]

"""The areas of a verification under way: how far each is, kept up to date by what begins and
ends. Displays draw it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bootstrap.report.checks.values import Check, Ended


@dataclass(slots=True)
class AreaRow:
    """One area as it stands now: how many checks it has, what runs, and how the others ended."""

    name: str
    total: int = 0
    running: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen in it."""
        return len(self.outcomes) == self.total


class Areas:
    """All areas in the order of the checks. Not locked: its display does that."""

    def __init__(
        self, checks: Sequence[Check], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._since = clock()
        self.total = len(checks)
        self.rows: dict[str, AreaRow] = {}
        for check in checks:
            self._row(check).total += 1

    def started(self, check: Check) -> None:
        """A check begins."""
        self._row(check).running.append(check.code)

    def ended(self, result: Ended) -> None:
        """A check has ended."""
        row = self._row(result.check)
        row.running.remove(result.check.code)
        row.outcomes.append(result.outcome)

    @property
    def done(self) -> int:
        """How many checks have ended."""
        return sum(len(row.outcomes) for row in self.rows.values())

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return self._clock() - self._since

    def _row(self, check: Check) -> AreaRow:
        return self.rows.setdefault(check.area, AreaRow(check.area))

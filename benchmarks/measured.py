"""What a benchmark found: series of runs, and targets held against their medians."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Series:
    """The runs of one contender. unit is `s` or `MB`; less is better in both."""

    what: str
    runs: tuple[float, ...]
    unit: str = "s"

    @cached_property
    def median(self) -> float:
        return statistics.median(self.runs)

    def __str__(self) -> str:
        low, high = min(self.runs), max(self.runs)
        digits = 0 if self.unit == "MB" else 3 if self.median < 1 else 1
        return f"{self.median:.{digits}f} {self.unit} ({low:.{digits}f} to {high:.{digits}f})"


@dataclass(frozen=True)
class Target:
    """A figure to reach. at_least turns the direction: a ratio to a peer must not be smaller."""

    what: str
    limit: float
    value: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value < self.limit

    def __str__(self) -> str:
        verdict = "met" if self.met else "MISSED"
        return f"{self.what}: {self.value:.3g} ({verdict})"


@dataclass(frozen=True)
class Measured:
    """One benchmark: ours first, then the peers. notes say what the figures do not."""

    name: str
    series: tuple[Series, ...]
    targets: tuple[Target, ...]
    notes: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        return all(target.met for target in self.targets)

    def as_json(self) -> dict[str, Any]:
        return {
            "series": [
                {
                    "what": s.what,
                    "unit": s.unit,
                    "median": round(s.median, 4),
                    "runs": [round(run, 4) for run in s.runs],
                }
                for s in self.series
            ],
            "targets": [
                {
                    "what": t.what,
                    "limit": t.limit,
                    "at_least": t.at_least,
                    "measured": round(t.value, 4),
                    "met": t.met,
                }
                for t in self.targets
            ],
            "notes": list(self.notes),
        }


def table(found: Measured) -> str:
    """The benchmark as a few lines for people."""
    ours = found.series[0]
    width = max(len(s.what) for s in found.series)
    lines = [found.name]
    for series in found.series:
        ratio = f"{series.median / ours.median:6.2f} x" if series.unit == ours.unit else ""
        lines.append(f"  {series.what:<{width}}  {series!s:<28} {ratio}".rstrip())
    lines += [f"  target {target}" for target in found.targets]
    lines += [f"  note: {note}" for note in found.notes]
    return "\n".join(lines)

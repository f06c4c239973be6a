"""The most memory that the tool itself has at any moment of a whole `up`."""

from __future__ import annotations

from benchmarks.measured import Measured, Series, Target
from benchmarks.whole_up import whole_ups

LIMIT = 200
MEGABYTE = 1_000_000


def measure(count: int) -> Measured:
    peaks = tuple(up.peak_bytes / MEGABYTE for up in whole_ups(count))
    series = Series("mlops-bootstrap up", peaks, "MB")
    notes = ("VmHWM of the one process; programs that it starts (uv, git, Compose) are not in it",)
    return Measured("memory", (series,), (Target("peak < 200 MB", LIMIT, max(peaks)),), notes)

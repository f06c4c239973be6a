from __future__ import annotations

import pytest

from bootstrap.report import units


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (12_345_678, "12.3 MB"),
        (73_400_320, "73.4 MB"),
        (2_500_000_000, "2.5 GB"),
        (999_990_000_000, "1.0 TB"),
        (4_200_000_000_000, "4.2 TB"),
    ],
)
def test_sizes(count: int, shown: str) -> None:
    assert units.size(count) == shown


@pytest.mark.parametrize(
    ("seconds", "shown", "short"),
    [
        (-1, "0.0 s", "0 s"),
        (0.04, "0.0 s", "0 s"),
        (4.12, "4.1 s", "4 s"),
        (59.94, "59.9 s", "1:00"),
        (59.96, "1 min 00 s", "1:00"),
        (64.4, "1 min 04 s", "1:04"),
        (3599.4, "59 min 59 s", "59:59"),
        (3599.6, "1 h 00 min", "1:00:00"),
        (7509, "2 h 05 min", "2:05:09"),
    ],
)
def test_durations(seconds: float, shown: str, short: str) -> None:
    assert units.duration(seconds) == shown
    assert units.short(seconds) == short


@pytest.mark.parametrize(
    ("done", "total", "unit", "shown"),
    [
        (12_345_678, 73_400_320, "bytes", "12.3 MB of 73.4 MB"),
        (12_345_678, 0, "bytes", "12.3 MB"),
        (131, 292, "packages", "131 of 292"),
        (131, 0, "packages", "131 packages"),
        (3, 0, "", "3"),
    ],
)
def test_progress(done: int, total: int, unit: str, shown: str) -> None:
    assert units.progress(done, total, unit) == shown

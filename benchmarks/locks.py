"""Locks: checking one, and making all of a course anew for two platforms."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.measured import Measured, Series, Target
from benchmarks.timing import TOOL, environment, in_turns, seconds
from tests.unit.locking.snapshot import write_snapshot

SHIPPED = Path(__file__).parents[1] / "envs" / "mlops-zoomcamp"
CHECK_LIMIT, LOCK_LIMIT = 2, 60
CHECK = "lock --check"
WARM = "lock, all packages, two platforms"
COLD = "the same, nothing of the index cached"


def measure(count: int) -> Measured:
    with tempfile.TemporaryDirectory(prefix="mlops-bench-lock-") as name:
        folder = Path(name)
        snapshot = write_snapshot(folder / "snapshot")
        check = (TOOL, "lock", "--check", "--course", SHIPPED)
        environ = environment(XDG_CACHE_HOME=str(folder / "warm"))
        runs = in_turns(
            count,
            {
                CHECK: partial(seconds, check, environ),
                WARM: partial(_lock, folder, snapshot, folder / "warm"),
                COLD: partial(_lock, folder, snapshot, None),
            },
        )
    checked, warm, cold = (Series(what, taken) for what, taken in runs.items())
    targets = (
        Target("lock --check, median < 2 s", CHECK_LIMIT, checked.median),
        Target("a full re-lock for two platforms, nothing cached, < 60 s", LOCK_LIMIT, cold.median),
    )
    notes = (
        "wheels from the Python index, conda packages from a snapshot of the channel's repodata",
    )
    return Measured("locks", (checked, warm, cold), targets, notes)


def _lock(folder: Path, snapshot: Path, cache: Path | None) -> float:
    """Lock a copy of the shipped course, with this cache or with a new one."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        course = Path(name) / "course"
        shutil.copytree(SHIPPED, course)
        environ = environment(XDG_CACHE_HOME=str(cache or Path(name) / "cache"))
        return seconds((TOOL, "lock", "--course", course, "--repodata", snapshot), environ)

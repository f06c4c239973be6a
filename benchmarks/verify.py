"""`verify` on a machine that runs: everything, what needs no server, and every file."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from benchmarks.measured import Measured, Series, Target
from benchmarks.place import new_place, running_lab
from benchmarks.timing import TOOL, in_turns, seconds

ALL, QUICK, DEEP = "verify", "tools, environment and repository", "the environment with --deep"
LIMITS = {ALL: 15, QUICK: 2, DEEP: 5}
AREAS = {
    ALL: (),
    QUICK: ("--only", "tools", "--only", "environment", "--only", "repository"),
    DEEP: ("--only", "environment", "--deep"),
}


def measure(count: int) -> Measured:
    with (
        tempfile.TemporaryDirectory(prefix="mlops-bench-cache-") as cache,
        running_lab() as lab,
        new_place(lab, Path(cache)) as place,
    ):
        seconds(place.up, place.environ)
        contenders = {
            what: partial(seconds, (TOOL, "verify", *options), place.environ)
            for what, options in AREAS.items()
        }
        runs = in_turns(count, contenders)
    series = tuple(Series(what, taken) for what, taken in runs.items())
    targets = tuple(
        Target(f"{one.what}, median < {LIMITS[one.what]} s", LIMITS[one.what], one.median)
        for one in series
    )
    notes = ("services in Docker, healthy; nothing else runs on the machine",)
    return Measured("verify", series, targets, notes)

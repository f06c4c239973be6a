"""`--help`: what a person waits for first."""

from __future__ import annotations

import shutil
import sys
from functools import partial

from benchmarks.measured import Measured, Series, Target
from benchmarks.timing import TOOL, environment, in_turns, seconds

OURS = "mlops-bootstrap --help"
LIMIT = 0.15
PEERS = ("ansible", "conda")


def measure(count: int) -> Measured:
    environ = environment()
    contenders = {
        OURS: partial(seconds, (TOOL, "--help"), environ),
        "python -c pass": partial(seconds, (sys.executable, "-c", "pass"), environ),
    }
    for name in PEERS:
        if program := shutil.which(name):
            contenders[f"{name} --help"] = partial(seconds, (program, "--help"), environ)
    runs = in_turns(count, contenders)
    series = tuple(Series(what, taken) for what, taken in runs.items())
    absent = tuple(f"no {name} on this machine" for name in PEERS if not shutil.which(name))
    return Measured("help", series, (Target("median < 0.15 s", LIMIT, series[0].median),), absent)

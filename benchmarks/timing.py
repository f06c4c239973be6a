"""Timing commands. Both sides get the same variables, and take turns."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

TOOL = Path(sys.executable).with_name("mlops-bootstrap")
LEFT_OUT = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PIP_FIND_LINKS", "DOCKER_HOST")
"""Variables of a developer's shell that would make one side slower than a user sees it."""


class RunError(RuntimeError):
    """What was to be measured failed."""


def environment(**more: str) -> dict[str, str]:
    """The variables of this process without those that would change a figure."""
    own = ("XDG_", "MLOPS_BOOTSTRAP_", "ANSIBLE_", "UV_")
    kept = {n: v for n, v in os.environ.items() if n not in LEFT_OUT and not n.startswith(own)}
    return {**kept, **more}


def seconds(argv: Sequence[str | Path], environ: Mapping[str, str]) -> float:
    """How long a command takes from its start to its end; raises RunError where it fails."""
    started = time.perf_counter()
    done = subprocess.run(
        [str(word) for word in argv],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    took = time.perf_counter() - started
    if done.returncode:
        raise RunError(f"{argv[0]} ended with {done.returncode}:\n{done.stdout[-3000:]}")
    return took


def in_turns(
    count: int, contenders: Mapping[str, Callable[[], float]], *, warm_up: int = 1
) -> dict[str, tuple[float, ...]]:
    """Measure every contender count times, each in turn, so that noise meets all of them alike."""
    for _ in range(warm_up):
        for what, measure in contenders.items():
            print(f"  warm-up: {what}: {measure():.3f} s", file=sys.stderr)
    runs: dict[str, list[float]] = {what: [] for what in contenders}
    for number in range(count):
        for what, measure in contenders.items():
            runs[what].append(measure())
            print(f"  run {number + 1}: {what}: {runs[what][-1]:.3f} s", file=sys.stderr)
    return {what: tuple(taken) for what, taken in runs.items()}

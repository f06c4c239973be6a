"""A whole `up` on a machine that never saw the tool: what `chain` and `memory` look at.

The lab is warm and so are the wheels, which come from a Python index that is not part of the lab;
the conda packages are fetched from the lab each time.
"""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.place import Place, forget_conda, new_place, running_lab
from benchmarks.timing import RunError

SAMPLED = 0.02
"""Seconds between two looks. The kernel keeps the peak: only the very end could be missed."""


@dataclass(frozen=True)
class Up:
    """One whole `up`: wall time, peak memory of the tool's own process, and what each step took."""

    seconds: float
    peak_bytes: int
    steps: Mapping[str, float]
    chain: tuple[str, ...]

    @property
    def chain_seconds(self) -> float:
        return sum(self.steps[name] for name in self.chain)

    def __str__(self) -> str:
        chain = f"{' + '.join(self.chain)} took {self.chain_seconds:.1f} s"
        return f"up in {self.seconds:.1f} s, {chain}, peak {self.peak_bytes / 1e6:.0f} MB"


@functools.cache
def whole_ups(count: int) -> tuple[Up, ...]:
    """This many of them, each on a machine of its own, after one that warms the wheels' cache."""
    with tempfile.TemporaryDirectory(prefix="mlops-bench-cache-") as name, running_lab() as lab:
        cache, found = Path(name), []
        for number in range(count + 1):
            forget_conda(cache / "mlops-bootstrap")
            with new_place(lab, cache) as place:
                up = bring_up(place)
            print(f"  {'run' if number else 'warm-up'} {number or ''}: {up}", file=sys.stderr)
            found.append(up)
    return tuple(found[1:])


def bring_up(place: Place) -> Up:
    """Run `up` in a place and look at its process meanwhile."""
    started = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(
            place.up, env=place.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        ) as process,
    ):
        peak = 0
        while process.poll() is None:
            peak = max(peak, _peak_bytes(process.pid))
            time.sleep(SAMPLED)
        took = time.perf_counter() - started
        if process.returncode:
            log.seek(0)
            raise RunError(f"up ended with {process.returncode}:\n{log.read()[-3000:]}")
    steps = _step_seconds(place.paths.journal)
    return Up(took, peak, steps, _longest_chain(place, steps))


def _peak_bytes(pid: int) -> int:
    """The most memory that this one process ever had, without its children (proc(5), VmHWM)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    match = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(match[1]) * 1024 if match else 0


def _step_seconds(journal: Path) -> dict[str, float]:
    events = map(json.loads, journal.read_text().splitlines())
    return {e["step"]: e["seconds"] for e in events if e["event"] == "step-finished"}


def _longest_chain(place: Place, steps: Mapping[str, float]) -> tuple[str, ...]:
    """The steps, each requiring the one before, that together took longest."""
    requires = {s.name: s.requires for s in place.session().blueprint.steps}

    @functools.cache
    def up_to(name: str) -> tuple[str, ...]:
        before = [up_to(required) for required in sorted(requires[name] & steps.keys())]
        return (*max(before, key=_total, default=()), name)

    def _total(chain: tuple[str, ...]) -> float:
        return sum(steps[name] for name in chain)

    return max(map(up_to, steps), key=_total)

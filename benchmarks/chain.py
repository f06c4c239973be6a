"""A whole `up` against its longest chain of steps: how much the overlap leaves on the table."""

from __future__ import annotations

from benchmarks.measured import Measured, Series, Target
from benchmarks.whole_up import whole_ups

LIMIT = 1.3


def measure(count: int) -> Measured:
    ups = whole_ups(count)
    whole = Series("mlops-bootstrap up", tuple(up.seconds for up in ups))
    longest = Series("its longest chain", tuple(up.chain_seconds for up in ups))
    alone = Series("all steps one after another", tuple(sum(up.steps.values()) for up in ups))
    last = ups[-1]
    chain = " + ".join(f"{name} {last.steps[name]:.1f}" for name in last.chain)
    notes = (
        f"the chain of the last run: {chain}",
        "`one after another` adds up what the steps took while they ran beside each other",
        "wheels cache warm, conda cache cold, everything else new each time",
    )
    target = Target("up / longest chain < 1.3", LIMIT, whole.median / longest.median)
    return Measured("chain", (whole, longest, alone), (target,), notes)

"""A plan: which steps differ from what is wanted, in the order of their dependencies."""

from __future__ import annotations

import graphlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Observation, Step

ViewT = TypeVar("ViewT")
HostT = TypeVar("HostT")

OBSERVERS = 32
"""Threads that observe at once, more than a plan has steps: observing waits for an engine, a server
or a disk, not for a core, and the slowest must not begin last."""


@dataclass(frozen=True, slots=True)
class Change:
    """A step that will change something. known_after names the step whose change decides it."""

    step: str
    title: str
    found: str
    wanted: str
    known_after: str = ""


@dataclass(frozen=True)
class Plan(Generic[ViewT, HostT]):
    """All steps in dependency order, with those that differ as changes."""

    steps: tuple[Step[ViewT, HostT], ...]
    changes: tuple[Change, ...]
    observations: dict[str, Observation]

    @property
    def changing(self) -> frozenset[str]:
        """Names of the steps that will or may change something."""
        return frozenset(change.step for change in self.changes)


def in_order(steps: Sequence[Step[ViewT, HostT]]) -> tuple[Step[ViewT, HostT], ...]:
    """Steps so that each comes after what it requires, otherwise in the order given.

    Raises BootstrapError (E-PLAN) on a name used twice, a requirement nobody has, or a cycle:
    graphlib by itself takes an undeclared name in silence.
    """
    by_name: dict[str, Step[ViewT, HostT]] = {}
    for step in steps:
        if step.name in by_name:
            raise BootstrapError("E-PLAN", f"two steps are called {step.name!r}")
        by_name[step.name] = step
    for step in steps:
        for required in sorted(step.requires - by_name.keys()):
            raise BootstrapError("E-PLAN", f"step {step.name!r} requires unknown {required!r}")
    sorter = graphlib.TopologicalSorter({step.name: sorted(step.requires) for step in steps})
    try:
        return tuple(by_name[name] for name in sorter.static_order())
    except graphlib.CycleError as error:
        cycle = " -> ".join(error.args[1])
        raise BootstrapError("E-PLAN", f"steps require each other: {cycle}") from error


def make_plan(
    steps: Sequence[Step[ViewT, HostT]],
    view: ViewT,
    given: dict[str, Observation] | None = None,
) -> Plan[ViewT, HostT]:
    """Observe every step, all at once, and keep those that differ.

    A step that depends on one that will change is part of the plan as known after that one, also
    if it looks satisfied now: the change may alter what it sees. given holds observations that
    were just made by somebody else.
    """
    ordered = in_order(steps)
    given = given or {}
    with ThreadPoolExecutor(OBSERVERS) as pool:
        futures = {s.name: pool.submit(s.observe, view) for s in ordered if s.name not in given}
        observations = {**given, **{name: future.result() for name, future in futures.items()}}
    changes: dict[str, Change] = {}
    for step in ordered:
        seen = observations[step.name]
        after: Any = next((r for r in sorted(step.requires) if r in changes), "")
        if after or not seen.satisfied:
            found = "" if after else seen.found
            changes[step.name] = Change(step.name, step.title, found, seen.wanted, after)
    return Plan(ordered, tuple(changes.values()), observations)

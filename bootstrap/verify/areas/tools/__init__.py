"""The tools of the machine: the engine, Compose in every kind of shell, git, disk and memory."""

from __future__ import annotations

from bootstrap.verify.areas.tools import compose, engine, machine, programs, shells
from bootstrap.verify.check import Check

CHECKS: tuple[Check, ...] = (
    *machine.CHECKS,
    *engine.CHECKS,
    *programs.CHECKS,
    *shells.CHECKS,
    *compose.CHECKS,
)

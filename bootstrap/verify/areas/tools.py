"""The tools of the machine: the engine, Compose in every kind of shell, git, disk and memory."""

from __future__ import annotations

from bootstrap.verify.check import Check

CHECKS: tuple[Check, ...] = ()

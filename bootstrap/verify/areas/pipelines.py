"""Kubeflow: a pipeline compiles, and runs on this machine."""

from __future__ import annotations

from bootstrap.verify.check import Check

CHECKS: tuple[Check, ...] = ()

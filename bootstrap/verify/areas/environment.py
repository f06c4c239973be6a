"""The course environment: what is installed is what is locked, whole, and can be imported."""

from __future__ import annotations

from bootstrap.verify.check import Check

CHECKS: tuple[Check, ...] = ()

"""The tables of the lessons, and the model that the first module trains on them."""

from __future__ import annotations

from bootstrap.verify.check import Check

CHECKS: tuple[Check, ...] = ()

"""MLflow: what students write comes back, and they reach the right server."""

from __future__ import annotations

from bootstrap.verify.check import Check

CHECKS: tuple[Check, ...] = ()

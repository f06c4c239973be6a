"""Prefect: flows and deployments come to their end, on the right server."""

from __future__ import annotations

from bootstrap.verify.check import Check

CHECKS: tuple[Check, ...] = ()

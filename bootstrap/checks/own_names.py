"""Names of what a proof makes and takes away again, so that nobody mistakes it for their own work.

Each proof has names of its own: several may be under way at once. What a killed one left is told
from what another is at work on by its age.
"""

from __future__ import annotations

import secrets
import time

PREFIX = "mlops-bootstrap-verify-"
STALE_S = 600.0
"""Seconds after which nothing that a proof made is in use any more: none lasts so long."""

PREFIXES = (PREFIX, "mlops-bootstrap-health")
"""What the names begin with of all that this tool makes in a service."""


def new_name() -> str:
    """A name that nobody else has."""
    return f"{PREFIX}{secrets.token_hex(6)}"


def is_stale(made: float) -> bool:
    """Whether what was made then (seconds since the epoch) was left behind."""
    return time.time() - made > STALE_S

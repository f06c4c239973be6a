"""What a proof makes and takes away again, by names that nobody mistakes for their own work.

Each proof has names of its own: several may be under way at once. What a killed one left is told
from what another is at work on by its age.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bootstrap.core.errors import BootstrapError

PREFIX = "mlops-bootstrap-verify-"
STALE_S = 600.0
"""Seconds after which nothing that a proof made is in use any more: none lasts so long."""

PREFIXES = (PREFIX, "mlops-bootstrap-health")
"""What the names begin with of all that this tool makes in a service."""


def new_name() -> str:
    """A name that nobody else has."""
    return f"{PREFIX}{secrets.token_hex(6)}"


@contextmanager
def gone_afterwards(remove: Callable[[], None]) -> Iterator[None]:
    """Remove afterwards what was made; the first error counts, not one of cleaning up."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(BootstrapError):
            remove()
        raise
    remove()


def is_stale(made: float) -> bool:
    """Whether what was made then (seconds since the epoch) was left behind."""
    return time.time() - made > STALE_S

"""Security: what is published, who may read secrets, what rc files hold."""

from __future__ import annotations

from bootstrap.verify.areas.security import credentials, modes, published
from bootstrap.verify.check import Check

CHECKS: tuple[Check, ...] = (*published.CHECKS, *modes.CHECKS, *credentials.CHECKS)

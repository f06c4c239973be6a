"""The course repository: where it stands, and what a student should know before committing.

Nothing is fetched and nothing is changed: what is ahead or behind is against what was fetched last.
"""

from __future__ import annotations

from bootstrap.verify.areas.repository import contents, state
from bootstrap.verify.check import Check

CHECKS: tuple[Check, ...] = (*state.CHECKS, *contents.CHECKS)

"""What a code means, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """One code: what it means, what usually is behind it, what to do, and see: a command that shows
    it. A check without one is seen by `verify` itself."""

    meaning: str
    causes: tuple[str, ...]
    remedy: str
    see: str = ""

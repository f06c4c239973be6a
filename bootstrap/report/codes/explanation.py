"""What a code means, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """One code: what it means, what usually is behind it, and what to do."""

    meaning: str
    causes: tuple[str, ...]
    remedy: str

"""Lists that could be long, as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable


def first_few(lines: Iterable[str], most: int) -> list[str]:
    """The first lines, and where there are more than that, a last one: `and 3 more`."""
    every = list(lines)
    more = len(every) - most
    return [*every[:most], *([f"and {more} more"] if more > 0 else [])]

"""Bytes as a person compares them."""

from __future__ import annotations

GIB = 1024**3


def gib(size: int) -> str:
    """A size in GiB with one decimal, in MiB below one: `3.2 GiB`, `512 MiB`."""
    return f"{size / GIB:.1f} GiB" if size >= GIB else f"{size / 1024**2:.0f} MiB"

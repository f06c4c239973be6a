"""rattler's cache of unpacked conda packages, and which of its entries nothing needs."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path


def archives_of(cache: Path) -> Path:
    """Where archives are until what is in them is unpacked into the cache."""
    return cache.with_name(f"{cache.name}-archives")


def unused_entries(cache: Path, needed: Collection[str]) -> tuple[Path, ...]:
    """The unpacked packages but those that are needed, each NAME-VERSION-BUILD."""
    entries = sorted(cache.iterdir()) if cache.is_dir() else []
    packages = [entry for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
    return tuple(entry for entry in packages if entry.name not in needed)


def lock_of(entry: Path) -> Path:
    """The file by which rattler locks an entry of its cache."""
    return entry.with_name(f"{entry.name}.lock")

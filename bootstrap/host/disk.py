"""What removing files frees: environments and caches share theirs by hardlinks."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

BLOCK = 512
"""Bytes in the unit of st_blocks (stat(2))."""


class Freed:
    """Counts what is freed by removing paths one after another.

    A file frees its blocks with its last link: links that stay elsewhere mean that it frees none.
    """

    def __init__(self) -> None:
        self._links: Counter[tuple[int, int]] = Counter()

    def by(self, path: Path) -> int:
        """Bytes that removing this path too frees; what cannot be looked at counts as nothing."""
        if path.is_symlink() or not path.is_dir():
            return self._file(path)
        total = self._file(path)
        for folder, folders, files in os.walk(path):
            total += sum(self._file(Path(folder, name)) for name in (*folders, *files))
        return total

    def _file(self, path: Path) -> int:
        try:
            stat = path.lstat()
        except OSError:
            return 0
        key = (stat.st_dev, stat.st_ino)
        self._links[key] += 1
        is_folder = path.is_dir() and not path.is_symlink()
        last = is_folder or self._links[key] == stat.st_nlink
        return stat.st_blocks * BLOCK if last else 0

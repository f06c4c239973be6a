"""Files below a few folders, as any static web server gives them: ranges, ETag, conditions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.answer import PIECE

TYPES = {".json": "application/json", ".zst": "application/zstd"}


@dataclass(frozen=True)
class FileAnswer:
    """What to say about a file: the status, the headers, and which bytes to send."""

    status: int
    headers: dict[str, str]
    file: Path | None = None
    start: int = 0
    length: int = 0

    def pieces(self) -> Iterator[bytes]:
        """Read the bytes to send."""
        if self.file is None:
            return
        left = self.length
        with self.file.open("rb") as handle:
            handle.seek(self.start)
            while left > 0 and (piece := handle.read(min(PIECE, left))):
                left -= len(piece)
                yield piece


def find(roots: Sequence[Path], path: str) -> Path | None:
    """Return the file that a path names below the first root that has it."""
    names = [name for name in path.split("/") if name]
    if any(name in {".", ".."} or "\0" in name for name in names):
        return None
    for root in roots:
        file = root.joinpath(*names)
        if file.is_file():
            return file
    return None


def answer(
    file: Path, *, wanted: str | None, if_range: str | None, known: str | None
) -> FileAnswer:
    """Decide what to send of a file: all, one range, or that the client's copy is current."""
    facts = file.stat()
    etag = f'"{facts.st_size:x}-{facts.st_mtime_ns:x}-{facts.st_ino:x}"'
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Type": TYPES.get(file.suffix, "application/octet-stream"),
        "ETag": etag,
    }
    if known == etag:
        return FileAnswer(304, headers | {"Content-Length": "0"})
    if wanted is None or (if_range is not None and if_range != etag):
        return _part(200, headers, file, 0, facts.st_size)
    limits = _limits(wanted, facts.st_size)
    if limits is None:  # not understood, or several ranges: all of it is a correct answer
        return _part(200, headers, file, 0, facts.st_size)
    start, end = limits
    if start >= facts.st_size or start > end:
        unmet = {"Content-Range": f"bytes */{facts.st_size}", "Content-Length": "0"}
        return FileAnswer(416, headers | unmet)
    headers["Content-Range"] = f"bytes {start}-{end}/{facts.st_size}"
    return _part(206, headers, file, start, end - start + 1)


def _part(status: int, headers: dict[str, str], file: Path, start: int, length: int) -> FileAnswer:
    return FileAnswer(status, headers | {"Content-Length": str(length)}, file, start, length)


def _limits(wanted: str, size: int) -> tuple[int, int] | None:
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted.strip())
    if match is None or match[0] == "bytes=-":
        return None
    if not match[1]:  # the last so many bytes
        return max(0, size - int(match[2])), size - 1
    return int(match[1]), min(int(match[2]), size - 1) if match[2] else size - 1

"""A part of a file as the body of a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from bootstrap.core.cancel import Cancel

BLOCK = 1 << 16


class Span:
    """The bytes from one place of a file to another, open until it is closed.

    on_read is told up to which byte of the file was read. Reading raises Interrupted when the run
    is told to stop.
    """

    def __init__(
        self, file: Path, start: int, end: int, cancel: Cancel, on_read: Callable[[int], None]
    ) -> None:
        self._start, self._end = start, end
        self._cancel, self._on_read = cancel, on_read
        self._file = file.open("rb")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def from_start(self) -> Span | bytes:
        """Itself, read from its beginning again; of nothing, requests would make a stream."""
        self._file.seek(self._start)
        return self if len(self) else b""

    def __len__(self) -> int:
        return self._end - self._start

    def read(self, size: int = BLOCK) -> bytes:
        """The next bytes, at most so many; nothing at the end."""
        self._cancel.check()
        at = self._file.tell()
        found = self._file.read(min(size, self._end - at))
        self._on_read(at + len(found))
        return found

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.read, b"")

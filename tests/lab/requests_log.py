"""What was asked of the server, so that a test can prove that nothing was fetched twice."""

from __future__ import annotations

import fnmatch
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """One request, with the bytes of body that left for the client."""

    method: str
    path: str
    range: str | None
    status: int
    bytes: int


@dataclass
class RequestLog:
    """All requests in the order in which their answers ended."""

    _entries: list[Request] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, request: Request) -> None:
        """Note a request that has been answered."""
        with self._lock:
            self._entries.append(request)

    def clear(self) -> None:
        """Forget what was asked so far."""
        with self._lock:
            self._entries.clear()

    def matching(self, path: str = "*", method: str = "*") -> list[Request]:
        """Return the requests whose path and method are like these globs."""
        return [
            entry
            for entry in self
            if fnmatch.fnmatchcase(entry.path, path) and fnmatch.fnmatchcase(entry.method, method)
        ]

    def bytes_of(self, path: str = "*") -> int:
        """Return how many bytes of body left for paths like this glob."""
        return sum(entry.bytes for entry in self.matching(path))

    def __iter__(self) -> Iterator[Request]:
        with self._lock:
            return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

"""What was asked of the server, so that a test can prove that nothing was fetched twice."""

from __future__ import annotations

import fnmatch
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Request:
    """One request, with the bytes of body that went to the client.

    It is noted when it comes and counted up before each piece leaves: a client that has an answer
    finds it here, with all its bytes.
    """

    method: str
    path: str
    range: str | None
    status: int = 0
    bytes: int = 0


@dataclass
class RequestLog:
    """All requests in the order in which they came."""

    _entries: list[Request] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, request: Request) -> None:
        """Note a request that is about to be answered."""
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
        """Return how many bytes of body went out for paths like this glob."""
        return sum(entry.bytes for entry in self.matching(path))

    def __iter__(self) -> Iterator[Request]:
        with self._lock:
            return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

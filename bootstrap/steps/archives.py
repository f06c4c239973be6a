"""The archives of conda packages: fetched at once, each checked before anything opens it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bootstrap.core.step import Job
from bootstrap.course.condalock import CondaPin
from bootstrap.sources.download import fetch, file_sha256
from bootstrap.sources.source import Source

AT_ONCE = 6
"""Downloads at the same time: what browsers allow themselves for one host."""


def fetch_archives(pins: Iterable[CondaPin], folder: Path, source: Source, job: Job) -> None:
    """Bring the archives of these pins into the folder, under their own names.

    Raises what fetch() raises; archives that arrived stay, and the rest goes on from there.
    """
    wanted = [pin for pin in pins if not _is_there(folder / pin.filename, pin.sha256)]
    total = _Total(job)
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for future in [pool.submit(_one, pin, folder, source, job, total) for pin in wanted]:
            future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _one(pin: CondaPin, folder: Path, source: Source, job: Job, total: _Total) -> None:
    def tell(done: int, of: int) -> None:
        total(pin.filename, done, of)

    fetch(source.url(pin.url), folder / pin.filename, pin.sha256, job, on_bytes=tell)


def _is_there(archive: Path, sha256: str) -> bool:
    return archive.is_file() and file_sha256(archive) == sha256


class _Total:
    """The bytes of all downloads as one progress."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._lock = threading.Lock()
        self._bytes: dict[str, tuple[int, int]] = {}

    def __call__(self, name: str, done: int, of: int) -> None:
        with self._lock:
            self._bytes[name] = (done, of)
            counted = tuple(self._bytes.values())
        here, there = (sum(column) for column in zip(*counted, strict=True))
        self._job.progress("conda packages", here, there, "bytes")

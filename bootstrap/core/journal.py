"""The journal: every event of every run as JSON lines. It explains the past; nothing reads it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Self

from bootstrap.core.events import Event, StepProgress, as_json

KEPT_BYTES = 4 * 1024 * 1024
"""Past this size the journal becomes journal.jsonl.1 and a new one begins: months of runs."""


class Journal:
    """Appends events to a file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > KEPT_BYTES:
            path.replace(path.with_name(path.name + ".1"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "a", encoding="utf-8")

    def __call__(self, event: Event) -> None:
        """Append one event. Progress is left out: it is for eyes, not for history."""
        if not isinstance(event, StepProgress):
            self._file.write(json.dumps(as_json(event)) + "\n")
            self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

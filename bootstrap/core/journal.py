"""The journal: every event of every run as JSON lines. It explains the past; nothing decides from
it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Self

from bootstrap.core.events import Event, StepProgress, as_json

KEPT_BYTES = 4 * 1024 * 1024
"""Past this size the journal becomes journal.jsonl.1 and a new one begins: months of runs."""

BEGIN = "run-started"
"""The event that a run begins with."""


class Journal:
    """Appends events to a file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > KEPT_BYTES:
            path.replace(_before(path))
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


def last_runs(path: Path, count: int) -> list[Any]:
    """The events of the last runs of a journal, oldest first, each as its JSON object; a line that
    was cut off is there as text. Raises OSError where there is no journal, or it cannot be read."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    if (before := _before(path)).exists():
        lines = [*before.read_text(encoding="utf-8", errors="replace").splitlines(), *lines]
    events = [_parsed(line) for line in lines if line.strip()]
    begins = [i for i, e in enumerate(events) if isinstance(e, dict) and e.get("event") == BEGIN]
    return events[begins[-count] if len(begins) > count else 0 :]


def _before(path: Path) -> Path:
    """The journal that was there before this one."""
    return path.with_name(path.name + ".1")


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return line

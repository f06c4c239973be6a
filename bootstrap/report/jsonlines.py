"""Every event as one line of JSON on stdout, for other programs."""

from __future__ import annotations

import json
from typing import Self, TextIO

from bootstrap.core.events import Event, as_json
from bootstrap.report.sink import Sink


class JsonLinesRenderer:
    """Prints events as JSON lines. The shape is that of core.events.as_json."""

    def __init__(self, stdout: TextIO) -> None:
        self._sink = Sink(stdout)

    def __call__(self, event: Event) -> None:
        """Print one event."""
        self._sink.line(json.dumps(as_json(event)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left to say: every event has been printed."""

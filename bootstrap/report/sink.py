"""Where lines go. A reader who left, or a disk that is full, must not end the run."""

from __future__ import annotations

from typing import TextIO


class Sink:
    """Writes whole lines to a stream, and falls silent once nobody can be written to."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.broken = False

    def line(self, text: str = "") -> None:
        """Write one line at once, so that lines of two streams stay in order."""
        if self.broken:
            return
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        shown = text.encode(encoding, "backslashreplace").decode(encoding)
        try:
            self._stream.write(shown + "\n")
            self._stream.flush()
        except (OSError, ValueError):  # the pipe is closed, the disk full, the stream closed
            self.broken = True

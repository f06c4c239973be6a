"""Colour, where it is wanted: on a terminal, unless NO_COLOR or TERM=dumb says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO


def wanted(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether text for this stream may carry colour (https://no-color.org)."""
    return not environ.get("NO_COLOR") and environ.get("TERM") != "dumb" and is_terminal(stream)


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at this stream; a closed one has nobody."""
    try:
        return stream.isatty()
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Paint:
    """Paints words, or leaves them as they are."""

    on: bool = False

    def bold(self, text: str) -> str:
        """What the eye should find first."""
        return self._in("1", text)

    def dim(self, text: str) -> str:
        """What may be skipped."""
        return self._in("2", text)

    def good(self, text: str) -> str:
        """What is well."""
        return self._in("32", text)

    def bad(self, text: str) -> str:
        """What went wrong."""
        return self._in("31", text)

    def careful(self, text: str) -> str:
        """What should be looked at."""
        return self._in("33", text)

    def link(self, text: str) -> str:
        """An address to open or a command to type."""
        return self._in("36", text)

    def _in(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text

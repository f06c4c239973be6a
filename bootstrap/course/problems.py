"""What is wrong in a file that a person wrote: the line, the key, and what to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: in which line, at which key, and what a person should know."""

    line: int
    key: str
    message: str

    def at(self, file: str) -> str:
        """Give the line to print: `file:line: key: message`."""
        return f"{file}:{self.line}: " + (f"{self.key}: " if self.key else "") + self.message


def dotted(path: KeyPath) -> str:
    """Write a path of keys as people do: `binaries[0].sha256.x86_64`."""
    return "".join(map(_part, path)).removeprefix(".")


def _part(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    # A key can hold anything, the codes that move a terminal's cursor too.
    return f".{part}" if part.isprintable() and part else f".{part!r}"


def line_of(path: KeyPath, lines: Mapping[KeyPath, int]) -> int:
    """Give the line of a key, or of the nearest key around it when it is not in the file."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)

"""Text from outside made safe to print: logs of other programs hold colours and cursor moves."""

from __future__ import annotations

import re
import unicodedata

ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # operating system commands: titles, links
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor moves
    r"|\x1b[ -/]*[0-~]"  # the short ones
)


def lines(text: str) -> list[str]:
    """The lines of a text that have something to say, without escapes or control characters.

    Of a line that was overwritten with carriage returns, only what stood there last.
    """
    if text.isprintable():  # as nearly all is, and ten times as quick
        return [text.rstrip()] if text.strip() else []
    found = []
    for line in ESCAPES.sub("", text).replace("\r\n", "\n").split("\n"):
        last = line.rstrip("\r").rsplit("\r", 1)[-1].expandtabs(4)
        printable = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
        if printable.strip():
            found.append(printable.rstrip())
    return found


def line(text: str) -> str:
    """A text as one line."""
    if text.isprintable():
        return text.strip()
    return " ".join(part.strip() for part in lines(text))

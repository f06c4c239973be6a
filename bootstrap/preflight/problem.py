"""One thing about a machine that stands in the way, or will be felt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, as an error would say it: a stable code, what, where, and the remedy.

    fatal: nothing is begun before it is solved; otherwise it is a warning.
    """

    code: str
    what: str
    where: str = ""
    remedy: str = ""
    fatal: bool = True

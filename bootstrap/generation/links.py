"""The links beside the generations: `current` is in use, `previous` is the one before it.

Nothing but these links decides where `rollback` leads.
"""

from __future__ import annotations

from pathlib import Path

from bootstrap.generation.installed import digest_of
from bootstrap.host.files import link_atomically


class Links:
    """The two links in a folder of generations."""

    def __init__(self, folder: Path) -> None:
        self._current = folder / "current"
        self._previous = folder / "previous"

    @property
    def current(self) -> Path | None:
        """The prefix of the complete generation in use, None where there is none."""
        return _behind(self._current)

    @property
    def previous(self) -> Path | None:
        """The prefix of the complete generation before the current one, None for none."""
        found = _behind(self._previous)
        return None if found == self.current else found

    def lead_to(self, prefix: Path) -> bool:
        """Whether `current` leads to this prefix, be it complete or not."""
        return self._current.resolve() == prefix.resolve()

    def switch(self, prefix: Path) -> None:
        """Make a generation the current one; another complete one that was it becomes previous.

        `current` is changed last and in one move: whoever is killed here can do it again.
        """
        before = self.current
        if before and before.resolve() != prefix.resolve():
            link_atomically(self._previous, before)
        link_atomically(self._current, prefix)


def _behind(link: Path) -> Path | None:
    """The prefix that a link leads to, as the link names it, if a complete generation is there."""
    try:
        prefix = link.parent / link.readlink()
    except OSError:
        return None
    return prefix if digest_of(prefix) else None

"""Which processes are a service's own: what descends from its first one.

A health check is started from outside every few seconds; it is in the container and not of it.
"""

from __future__ import annotations

from collections.abc import Mapping


def below(root: str, parents: Mapping[str, str]) -> set[str]:
    """The pids that descend from root, without itself; parents gives each pid's parent."""
    found: set[str] = set()
    while more := {pid for pid, parent in parents.items() if parent in {root, *found}} - found:
        found |= more
    return found

"""Free disk space against what will be written, filesystem by filesystem."""

from __future__ import annotations

from bootstrap.host.facts import free_by_filesystem
from bootstrap.preflight.needs import Needs
from bootstrap.preflight.problem import Problem
from bootstrap.preflight.size import gib


def check(needs: Needs) -> tuple[Problem, ...]:
    """Find the filesystems that are too full; what goes onto the same one is added up."""
    folders = {purpose: folder for purpose, (folder, _) in needs.disk_at.items()}
    found: list[Problem] = []
    for folder, free, purposes in free_by_filesystem(folders).values():
        sizes = {purpose: needs.disk_at[purpose][1] for purpose in purposes}
        wanted = sum(sizes.values())
        if free >= wanted:
            continue
        parts = ", ".join(f"{purpose} {gib(size)}" for purpose, size in sizes.items())
        detail = f" ({parts})" if len(sizes) > 1 else f" for {purposes[0]}"
        found.append(
            Problem(
                "E-DISK",
                f"needs {gib(wanted)} free at {folder}{detail}, has {gib(free)}",
                where=str(folder),
                remedy=f"free {gib(wanted - free)} there or enlarge the disk"
                f" (what is large: du -xh --max-depth=2 {folder} | sort -h | tail)",
            )
        )
    return tuple(found)

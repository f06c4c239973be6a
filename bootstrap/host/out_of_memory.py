"""Processes that the kernel ended because memory ran out, since this machine started."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from bootstrap.host.command import query

READERS = (
    ("dmesg",),
    ("journalctl", "--dmesg", "--boot", "--quiet", "--no-pager", "--output=cat"),
)
"""What shows the kernel's log: the first to root, the second to the group adm too."""

VICTIM = re.compile(r"ut of memory: Killed process \d+ \(([^)]*)\)")
OF_CONTAINER = re.compile(r"oom_memcg=[^,\s]*\b([0-9a-f]{64})\b")
"""The id of a container in the name of its control group, whatever stands in front of it."""


@dataclass(frozen=True, slots=True)
class Killed:
    """Names of the programs that were ended, where the kernel's log can be read; else their number
    alone, which counts those that came to a limit of their own container too."""

    names: tuple[str, ...] = ()
    number: int = 0
    log_read: bool = True


def killed(containers: Collection[str], root: Path = Path("/")) -> Killed:
    """What was ended on this machine for lack of memory, and in these containers (by id)."""
    for argv in READERS:
        said = query(argv)
        if said.code == 0 and said.output.strip():
            names = victims(said.output, containers)
            return Killed(names, len(names))
    return Killed((), kills(_text(root / "proc/vmstat")), log_read=False)


def victims(log: str, containers: Collection[str]) -> tuple[str, ...]:
    """The programs that a kernel log says were ended, oldest first; without those of containers
    that came to a limit of their own, unless it is one of the containers that are named."""
    found: list[str] = []
    foreign = False
    for line in log.splitlines():
        if "oom-kill:constraint=" in line:
            inside = OF_CONTAINER.search(line) if "CONSTRAINT_MEMCG" in line else None
            foreign = inside is not None and inside[1] not in containers
        elif victim := VICTIM.search(line):
            if not foreign:
                found.append(victim[1])
            foreign = False
    return tuple(found)


def kills(vmstat: str) -> int:
    """The number of processes ended for lack of memory, in the text of /proc/vmstat; 0 where an
    old kernel does not count them."""
    counts = dict(line.split() for line in vmstat.splitlines())
    return int(counts.get("oom_kill", 0))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""

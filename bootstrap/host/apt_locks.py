"""The locks of apt and dpkg: who holds one, and waiting for them in sight of the person."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bootstrap.core.errors import BootstrapError, UsageError
from bootstrap.core.step import Job

LOCKS = (
    Path("/var/lib/dpkg/lock-frontend"),
    Path("/var/lib/dpkg/lock"),
    Path("/var/lib/apt/lists/lock"),
    Path("/var/cache/apt/archives/lock"),
)
"""What apt-get and dpkg lock, in the order they take them (apt-get(8), dpkg(1))."""

PROC = Path("/proc")

LOCK_DEADLINE = 600.0
"""Seconds: the first background upgrade of a fresh Ubuntu takes 2 to 8 minutes."""

WAIT_VARIABLE = "MLOPS_BOOTSTRAP_APT_WAIT"
"""Seconds to wait instead of LOCK_DEADLINE, for whoever knows their machine."""

POLL = 0.5
"""Seconds between two looks; a look reads /proc/locks."""

SAY_EVERY = 5.0
"""Seconds between two notes on who is being waited for."""


@dataclass(frozen=True, slots=True)
class LockHolder:
    """A process that holds a lock of apt; pid None and name empty are what nobody knows."""

    pid: int | None = None
    name: str = ""

    def __str__(self) -> str:
        if self.pid is None:
            return "another package manager"
        return f"{self.name or 'a package manager'} (process {self.pid})"


def lock_deadline(environ: Mapping[str, str]) -> float:
    """Seconds to wait for others in all. Raises UsageError E-VARIABLE for what is no number."""
    text = environ.get(WAIT_VARIABLE, "")
    if not text:
        return LOCK_DEADLINE
    if not (text.isascii() and text.isdigit()):
        raise UsageError(
            "E-VARIABLE",
            f"{text!r} is no number of seconds",
            where=WAIT_VARIABLE,
            remedy=f"set it to a whole number, or unset it for {LOCK_DEADLINE:.0f}",
        )
    return float(text)


def holder_of_locks(locks: Iterable[Path] = LOCKS, proc: Path = PROC) -> LockHolder | None:
    """Say who holds one of the lock files, by /proc/locks; None where nobody is seen to.

    Works without root: the files need not be opened. A holder in another container is not seen.
    """
    try:
        held = held_by((proc / "locks").read_text(encoding="ascii"))
    except OSError:
        return None
    for path in locks:
        try:
            status = path.stat()
        except OSError:
            continue
        device = (os.major(status.st_dev), os.minor(status.st_dev))
        pid = held.get((*device, status.st_ino))
        if pid is not None and pid != os.getpid():
            return LockHolder(pid or None, _name(pid, proc))
    return None


def held_by(table: str) -> dict[tuple[int, int, int], int]:
    """Process ids by (major, minor, inode) of what they lock, from the text of /proc/locks.

    Those that only wait for a lock (marked `->`) are left out; the format is in proc_locks(5).
    """
    found: dict[tuple[int, int, int], int] = {}
    for line in table.splitlines():
        fields = line.split()
        if len(fields) < 8 or fields[1] == "->":  # noqa: PLR2004 - the columns of proc_locks(5)
            continue
        major, minor, inode = fields[5].split(":")
        found[int(major, 16), int(minor, 16), int(inode)] = max(int(fields[4]), 0)
    return found


class Patience:
    """Waits for holders of a lock, at most deadline seconds in all, and says so."""

    def __init__(self, job: Job, deadline: float = LOCK_DEADLINE) -> None:
        self._job = job
        self._deadline = deadline
        self._waited = 0.0
        self._said = -SAY_EVERY

    def wait_for(self, holder: LockHolder) -> None:
        """Wait one POLL. Raises BootstrapError E-APT-LOCKED past the deadline, Interrupted."""
        if self._waited >= self._deadline:
            raise _locked(holder, self._waited)
        if self._waited - self._said >= SAY_EVERY:
            self._said = self._waited
            self._job.note(
                f"apt: waiting for {holder}, {self._waited:.0f} s so far, "
                f"giving up after {self._deadline:.0f} s"
            )
        started = time.monotonic()
        self._job.cancel.sleep(min(POLL, self._deadline - self._waited))
        self._waited += time.monotonic() - started


def _locked(holder: LockHolder, waited: float) -> BootstrapError:
    remedy = "let it finish, then run this again; do not delete the lock files"
    if holder.name.startswith("unattended"):
        log = "/var/log/unattended-upgrades/unattended-upgrades-dpkg.log"
        remedy += f" (its log: sudo tail -f {log})"
    elif holder.pid is not None:
        remedy += f" (see what it is: ps -fp {holder.pid})"
    remedy += f"; {WAIT_VARIABLE}=SECONDS waits longer"
    return BootstrapError(
        "E-APT-LOCKED",
        f"{holder} still uses apt after {waited:.0f} s of waiting",
        where="apt",
        remedy=remedy,
    )


def _name(pid: int, proc: Path) -> str:
    try:
        return (proc / str(pid) / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""

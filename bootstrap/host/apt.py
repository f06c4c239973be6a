"""Debian packages: which are missing, and installing them, whoever else uses apt at the time."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

from bootstrap.core.retry import retrying
from bootstrap.core.step import Job
from bootstrap.host import command
from bootstrap.host.apt_failures import failure, locked_by, repair_for
from bootstrap.host.apt_locks import LOCK_DEADLINE, Patience, holder_of_locks, lock_deadline
from bootstrap.host.command import Command, Result

__all__ = ["commands", "install", "installed", "lock_deadline", "missing", "offers"]

LISTS = Path("/var/lib/apt/lists")
LISTS_FRESH = 24 * 3600.0
"""Seconds that package lists count as current: archives publish several times a day."""

RUN_DEADLINE = 1800.0
"""Seconds for one run of apt-get: 200 MB over a slow line, unpacked on a slow disk."""

RACE_TIMEOUT = 5
"""Seconds that apt itself waits for a lock that somebody took between our look and its start."""

ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_MODE": "l"}
"""Ask nothing; and needrestart, where it is installed, lists services and restarts none."""

UPDATE = Command(
    ("apt-get", "update", "-o", "Acquire::Retries=2"),
    ENVIRONMENT,
    deadline=RUN_DEADLINE,
    root=True,
)

POLICY_DEADLINE = 60.0
"""Seconds for `apt-cache policy`, which reads all lists: 3 s measured on two busy cores."""

REPAIRS = 2
"""How often a run is repaired and tried again: once dpkg, once the lists."""


def missing(packages: Sequence[str]) -> tuple[str, ...]:
    """Those of the packages that are not installed, in the order given; one or two quick processes.

    A virtual package counts as installed where an installed one provides it. Where there is no
    dpkg, all are missing.
    """
    absent = _absent(packages, installed(_dpkg(packages)))
    return _absent(absent, installed(_dpkg(()))) if absent else ()


def installed(listing: str) -> frozenset[str]:
    """Names that are there, also as provided, in lines of `name TAB status TAB provides`."""
    names: set[str] = set()
    for line in listing.splitlines():
        name, _, rest = line.partition("\t")
        status, _, provides = rest.partition("\t")
        if status[1:2] == "i":  # the second letter is the state: i is installed (dpkg-query(1))
            names.add(name)
            names.update(p.split()[0] for p in provides.split(",") if p.strip())
    return frozenset(names)


def commands(packages: Sequence[str]) -> tuple[str, ...]:
    """The command lines that install() would run as root now, for the person to read."""
    wanted = missing(packages)
    if not wanted:
        return ()
    update = (str(UPDATE),) if _lists_outdated() or _unknown(wanted) else ()
    return (*update, str(_install(wanted)))


def offers(package: str) -> bool:
    """Whether the machine's package sources, as last listed, have this package; asks no network."""
    return not _unknown((package,))


def install(packages: Sequence[str], job: Job, *, deadline_s: float = LOCK_DEADLINE) -> None:
    """Install what is missing of the packages, without recommended ones, and ask nothing.

    Waits at most deadline_s seconds in all while others hold the locks of apt, and says who. Raises
    BootstrapError E-APT-LOCKED when they do not end in that time, E-APT-FAILED with the last lines
    of apt, TransientError E-APT-NETWORK when five tries found no archive, Interrupted.
    """
    patience = Patience(job, deadline_s)

    def attempt() -> None:
        wanted = missing(packages)
        if wanted:
            _attempt(wanted, job, patience)

    retrying(job)(attempt)


def _attempt(wanted: tuple[str, ...], job: Job, patience: Patience) -> None:
    if _lists_outdated() or _unknown(wanted):
        updated = _run(UPDATE, job, patience)
        if error := failure(updated):
            if _unknown(wanted):
                raise error
            job.note(f"apt: `{UPDATE}` did not reach everything; what is needed is known")
    result = _run(_install(wanted), job, patience)
    for _ in range(REPAIRS):
        if result.code == 0 or (repair := repair_for(result.output, UPDATE)) is None:
            break
        job.note(f"apt: running `{repair}`, then once more")
        _run(repair, job, patience)
        result = _run(_install(wanted), job, patience)
    if result.code != 0 and (error := failure(result)):
        raise error


def _run(what: Command, job: Job, patience: Patience) -> Result:
    """Run when nobody holds a lock; where somebody was quicker, wait for them and run again."""
    tally = _Tally(job)
    while True:
        while (holder := holder_of_locks()) is not None:
            patience.wait_for(holder)
        result = command.run(what, job.cancel, tally)
        holder = locked_by(result.output) if result.code != 0 else None
        if holder is None:
            return result
        patience.wait_for(holder)


class _Tally:
    """Reads apt's lines: counts packages for the display, keeps the last lines for a failure."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._done = 0
        self._total = 0

    def __call__(self, line: str) -> None:
        self._job.log.append(line)
        if counts := re.match(r"(\d+) upgraded, (\d+) newly installed", line):
            self._total = int(counts[1]) + int(counts[2])
        elif setting_up := re.match(r"Setting up (\S+)", line):
            self._done += 1
            total = max(self._total, self._done)
            self._job.progress(f"setting up {setting_up[1]}", self._done, total, "packages")


def _install(packages: Sequence[str]) -> Command:
    # confold: a configuration file that somebody changed stays as it is, without a question.
    options = (
        f"DPkg::Lock::Timeout={RACE_TIMEOUT}",
        "Dpkg::Use-Pty=0",
        "Dpkg::Options::=--force-confold",
        "Acquire::Retries=2",
    )
    flags = tuple(word for option in options for word in ("-o", option))
    argv = ("apt-get", "install", "--yes", "--no-install-recommends", *flags, "--", *packages)
    return Command(argv, ENVIRONMENT, deadline=RUN_DEADLINE, root=True)


def _absent(packages: Sequence[str], there: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in packages if name not in there)


def _dpkg(packages: Sequence[str]) -> str:
    layout = "${Package}\\t${db:Status-Abbrev}\\t${Provides}\\n"
    return command.query(("dpkg-query", "--show", f"--showformat={layout}", *packages)).output


def _unknown(packages: Sequence[str]) -> tuple[str, ...]:
    """Packages that the lists offer no version of."""
    asked = command.query(("apt-cache", "policy", *packages), deadline=POLICY_DEADLINE)
    return _absent(packages, candidates(asked.output))


def candidates(policy: str) -> frozenset[str]:
    """Names with a candidate version in the output of `apt-cache policy`."""
    found: set[str] = set()
    name = ""
    for line in policy.splitlines():
        if line and not line.startswith(" "):
            name = line.rstrip(":")
        elif line.startswith("  Candidate:") and not line.endswith("(none)"):
            found.add(name)
    return frozenset(found)


def _lists_outdated(now: float | None = None, lists: Path = LISTS) -> bool:
    """Whether the package lists are empty or were last fetched more than LISTS_FRESH ago."""
    try:
        # apt moves each list out of partial: that folder changes with every update, while the
        # lists themselves carry the dates of the server.
        fetched = max(folder.stat().st_mtime for folder in (lists, lists / "partial"))
        empty = not any("_Packages" in path.name for path in lists.iterdir())
    except OSError:
        return True
    return empty or (time.time() if now is None else now) - fetched > LISTS_FRESH

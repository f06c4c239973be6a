"""What apt's words mean: a lock somebody took, something to repair, a network, or the end."""

from __future__ import annotations

import re
from typing import NamedTuple

from bootstrap.core.errors import BootstrapError, TransientError
from bootstrap.host.apt_locks import LockHolder
from bootstrap.host.command import LINES_IN_ERROR, Command, Result

CONFIGURE = Command(
    ("dpkg", "--configure", "-a", "--force-confold"),
    {"DEBIAN_FRONTEND": "noninteractive"},
    root=True,
)
"""Finishes what a dpkg that was killed left half done (dpkg(1))."""

LOCKED = re.compile(
    r"Could not get lock|Unable to (?:acquire|lock)|is another process using it|"
    r"dpkg frontend lock was locked|dpkg database is locked"
)
HELD_BY = re.compile(r"held by process (\d+) \(([^)]*)\)")
OUTDATED = re.compile(r"404 +Not Found")
NO_PASSWORD = re.compile(
    r"^sudo: .*(?:is required|no askpass|not allowed|may not run)", re.MULTILINE
)
REMEDIES = (
    (
        re.compile(r"No space left on device|don't have enough free space|Disk quota exceeded"),
        "free some space (`df -h / /var`, `sudo apt-get clean`), then run this again",
    ),
    (
        re.compile(r"dpkg was interrupted"),
        "run `sudo dpkg --configure -a`, then run this again",
    ),
    (
        re.compile(r"Unable to locate package (\S+)|Package '?([^\s']+)'? has no installation"),
        "no package source offers {name}: on Ubuntu, try `sudo add-apt-repository universe`",
    ),
    (OUTDATED, "a package source lacks what its lists promise: see /etc/apt/sources.list"),
    (
        re.compile(r"unmet dependencies|held broken packages|--fix-broken install"),
        "run `sudo apt-get --fix-broken install`, then run this again",
    ),
    (re.compile(r"Operation not permitted|are you root"), "run `{tried}` as root"),
)
"""What apt says, with what helps; the first that matches counts."""

NETWORK = (
    re.compile(r"(?:Temporary failure resolving|Could not resolve|failure resolving) '([^']+)'"),
    re.compile(r"(?:Could not|Cannot|Unable to) (?:connect|initiate the connection) to ([^\s:]+)"),
    re.compile(r"(?:Failed to fetch|Err:\d+) \w+://([^/\s:]+)"),
)
"""What names a host that did not answer; the last says only that something of it did not come."""


def locked_by(output: str) -> LockHolder | None:
    """Who holds the lock that apt says it could not get; None where it does not say so.

    apt names the process since 2.0 (Ubuntu 20.04); an older one says only that it is held.
    """
    if not LOCKED.search(output):
        return None
    named = HELD_BY.search(output)
    return LockHolder(int(named[1]), named[2]) if named else LockHolder()


def repair_for(output: str, update: Command) -> Command | None:
    """The command that mends what apt complains about; None where none does.

    update fetches the lists: it mends a version that the archive no longer has.
    """
    if "dpkg was interrupted" in output:
        return CONFIGURE
    return update if OUTDATED.search(output) else None


def failure(result: Result) -> BootstrapError | None:
    """The error that this end of an apt-get or dpkg is; None where it ended well.

    `apt-get update` ends with 0 also where a host did not answer, so it counts by its words too.
    """
    output = result.output
    host = _host(output)
    if result.code == 0 and host is None:
        return None
    if NO_PASSWORD.search(output):
        return BootstrapError(
            "E-SUDO",
            f"sudo would not run `{result.command}` without a password",
            where="apt",
            remedy="run this in a terminal, where sudo can ask",
        )
    tried = " ".join(result.command.argv[:2])
    what = f"`{tried}` failed (code {result.code})\n{_complaints(output) or result.last_lines}"
    remedy = _remedy(output, result.command)
    if remedy is None and host is not None:
        return TransientError(
            "E-APT-NETWORK",
            f"apt cannot get what it needs from {host.name}: {host.said}",
            where=host.name,
            remedy="check the network and the proxy, or the addresses in /etc/apt/sources.list",
        )
    remedy = remedy or f"see what it says: `{result.command}`"
    return BootstrapError("E-APT-FAILED", what, where="apt", remedy=remedy)


def _remedy(output: str, tried: Command) -> str | None:
    for pattern, remedy in REMEDIES:
        if found := pattern.search(output):
            name = next((group for group in found.groups() if group), "")
            return remedy.format(name=name, tried=tried)
    return None


def _complaints(output: str) -> str:
    """The lines that apt and dpkg mark as errors; the others say what they were about to do."""
    return "\n".join(re.findall(r"^(?:E: |dpkg: error).*", output, re.MULTILINE)[-LINES_IN_ERROR:])


class _Host(NamedTuple):
    name: str
    said: str


def _host(output: str) -> _Host | None:
    """The host that apt complains about, with its first line on it."""
    found = (match for pattern in NETWORK if (match := pattern.search(output)))
    first = next(found, None)
    if first is None:
        return None
    begins = output.rfind("\n", 0, first.start()) + 1
    said = output[begins:].partition("\n")[0].strip()
    return _Host(first[1].rstrip(".,'"), said)

"""Distribution, architecture, C library and memory against what the course needs."""

from __future__ import annotations

from collections.abc import Iterator

from bootstrap.preflight.needs import Needs
from bootstrap.preflight.problem import Problem
from bootstrap.preflight.size import GIB, gib

SHOWN_SHARE = 0.93
"""Of the memory a machine is sold with, Linux shows at least this much; firmware and kernel keep
the rest (3.8 of 4 GiB on the small VMs of the large clouds)."""

COMFORTABLE_MEMORY = 8 * GIB
"""Below this, the course's own notebooks run out of memory (FAQ entries on killed kernels)."""

ADD_SWAP = (
    "sudo fallocate -l 4G /swapfile && sudo chmod 600 /swapfile && sudo mkswap /swapfile"
    " && sudo swapon /swapfile"
)


def check(needs: Needs) -> tuple[Problem, ...]:
    """Find what the machine is not and should be. Pure: everything is in needs."""
    return (*_system(needs), *_arch(needs), *_glibc(needs), *_memory(needs), *_wsl(needs))


def inside(constraint: str, version: str) -> bool:
    """Whether a version is inside a constraint (`>=22.04`); what is no version is inside none."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion

    try:
        return SpecifierSet(constraint).contains(version, prereleases=True)
    except InvalidVersion:
        return False


def _system(needs: Needs) -> Iterator[Problem]:
    if not needs.systems:
        return
    machine = needs.machine
    wanted = " or ".join(f"{name} {versions}" for name, versions in needs.systems.items())
    constraint = needs.systems.get(machine.os_id)
    if constraint is not None and inside(constraint, machine.os_version):
        return
    # A derivative counts its versions in its own way, a rolling release has none: nobody knows.
    untried = not needs.systems.keys().isdisjoint(machine.os_like)
    fatal = bool(machine.os_version) if constraint is not None else not untried
    found = machine.pretty_name or f"{machine.os_id} {machine.os_version}".strip()
    yield Problem(
        "E-OS",
        f"needs {wanted}, this is {found}" + ("" if fatal else ", which is not tested"),
        where="/etc/os-release",
        remedy=f"use a machine with {wanted}" if fatal else "go on, and expect differences",
        fatal=fatal,
    )


def _arch(needs: Needs) -> Iterator[Problem]:
    if needs.arches and needs.machine.arch not in needs.arches:
        wanted = " or ".join(needs.arches)
        yield Problem(
            "E-ARCH",
            f"needs a processor of type {wanted}, this one is {needs.machine.arch}",
            where="uname -m",
            remedy=f"use a 64-bit machine of type {wanted}",
        )


def _glibc(needs: Needs) -> Iterator[Problem]:
    found = needs.machine.glibc
    if needs.glibc and not inside(needs.glibc, found):
        yield Problem(
            "E-GLIBC",
            f"needs glibc {needs.glibc}, this system has {found or 'another C library'}",
            where="getconf GNU_LIBC_VERSION",
            remedy="use a newer release of the distribution",
        )


def _memory(needs: Needs) -> Iterator[Problem]:
    has, wanted = needs.machine.memory_bytes, needs.memory_bytes
    if not wanted:
        return
    if has < wanted * SHOWN_SHARE:
        yield Problem(
            "E-MEMORY",
            f"needs {gib(wanted)} of memory, has {gib(has)}",
            where="/proc/meminfo",
            remedy="use a machine with more memory",
        )
    elif has < COMFORTABLE_MEMORY * SHOWN_SHARE:
        yield Problem(
            "W-MEMORY",
            f"has {gib(has)} of memory; with less than {gib(COMFORTABLE_MEMORY)} the larger"
            " notebooks of the course may be killed",
            where="/proc/meminfo",
            remedy="work on fewer months of data, or use a larger machine",
            fatal=False,
        )
        if not needs.machine.swap_bytes:
            yield Problem(
                "W-SWAP",
                f"has no swap beside {gib(has)} of memory: what does not fit is killed at once",
                where="/proc/meminfo",
                remedy=f"add some: {ADD_SWAP}",
                fatal=False,
            )


def _wsl(needs: Needs) -> Iterator[Problem]:
    machine = needs.machine
    if machine.wsl:
        remedy = "keep the course in the Linux home, not below /mnt/c: it is much quicker there"
        if not machine.systemd:
            remedy = "put `[boot]` and `systemd=true` into /etc/wsl.conf, then `wsl --shutdown`"
        state = "with" if machine.systemd else "without"
        yield Problem(
            "W-WSL",
            f"this is Windows Subsystem for Linux {state} systemd, which is not tested",
            where="/proc/version",
            remedy=remedy,
            fatal=False,
        )

"""What a run is going to need of the machine, as plain values that whoever plans it fills in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bootstrap.host.facts import Machine
from bootstrap.host.ports import PublishedBy


@dataclass(frozen=True)
class Needs:
    """What preflight holds against the machine; what is left empty is not checked.

    systems: distribution ID -> version constraint, such as {"ubuntu": ">=22.04"}; arches as `uname
    -m` prints them; glibc: a version constraint; memory_bytes: what the machine must have.
    disk_at: purpose -> (folder, bytes); purposes on one filesystem are added up.
    ports: service -> (port, flag that moves it, such as `--port`); own_ports: those that our own
    containers hold; published_by names the container that publishes a port.
    hosts: (step title, URL) for all that will be fetched; environ: where the proxy is set.
    root_commands: what will run as root; ask_possible: whether a person can type a password.
    absent_packages: Debian packages that are missing and that only an administrator can install.
    writable: folders that will be written, there already or not; prefix: where the environment
    will be, because its path is written into the packages.
    """

    machine: Machine
    systems: Mapping[str, str] = field(default_factory=dict)
    arches: tuple[str, ...] = ()
    glibc: str = ""
    memory_bytes: int = 0
    disk_at: Mapping[str, tuple[Path, int]] = field(default_factory=dict)
    ports: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    own_ports: frozenset[int] = frozenset()
    published_by: PublishedBy | None = None
    hosts: tuple[tuple[str, str], ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    root_commands: tuple[str, ...] = ()
    ask_possible: bool = False
    absent_packages: tuple[str, ...] = ()
    writable: tuple[Path, ...] = ()
    prefix: Path | None = None

"""Who holds a TCP port. Looks only: nothing here ends a process."""

from __future__ import annotations

import errno
import os
import pwd
import re
import shutil
import socket
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bootstrap.core.errors import BootstrapError
from bootstrap.host import command

PublishedBy = Callable[[int], str | None]
"""Names the container that publishes a port, where an engine can tell."""

LISTEN = "0A"
"""The state of a listening socket in /proc/net/tcp (TCP_LISTEN in net/tcp_states.h)."""

CONNECT_DEADLINE = 0.5
"""Seconds to see whether a port that we may not bind answers; this machine answers at once."""


@dataclass(frozen=True, slots=True)
class Holder:
    """What listens on a port; empty or None is what could not be found out."""

    name: str = ""
    pid: int | None = None
    user: str = ""
    container: str = ""

    def __str__(self) -> str:
        if self.container:
            return f"container {self.container}"
        if self.pid is not None:
            return f"{self.name or 'a program'} (process {self.pid})"
        if self.user:
            return f"a process of user {self.user}"
        return "a process of another user"


def holder(
    port: int, address: str = "127.0.0.1", published_by: PublishedBy | None = None
) -> Holder | None:
    """Say what listens on a port of this address, or of all addresses; None where it is free.

    published_by names the container behind a port that an engine publishes. Raises nothing: who
    holds a port may stay unknown, that it is held is certain.
    """
    if is_free(port, address):
        return None
    found = _by_psutil(port, address) or _by_ss(port) or Holder(user=_user(port))
    container = _container(port, published_by)
    return Holder(found.name, found.pid, found.user, container) if container else found


def next_free(port: int, avoid: Collection[int] = (), address: str = "127.0.0.1") -> int | None:
    """The first free port above this one that is not in avoid; None where all are taken."""
    above = range(port + 1, 65536)
    return next((p for p in above if p not in avoid and is_free(p, address)), None)


def listening(ports: Collection[int]) -> frozenset[tuple[str, int]]:
    """(address, port) of every socket of this machine that listens on one of the ports."""
    import psutil

    return frozenset(
        (connection.laddr.ip, connection.laddr.port)
        for connection in psutil.net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN
        and connection.laddr
        and connection.laddr.port in ports
    )


def free_ports(count: int, address: str = "127.0.0.1") -> tuple[int, ...]:
    """So many different ports that nothing listens on now; for what is started at once."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((address, 0))
        return tuple(probe.getsockname()[1] for probe in probes)


def is_free(port: int, address: str) -> bool:
    """Whether nothing listens on a port of this address."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        # With it, connections that just ended do not count; a listener does, on any address.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EACCES:  # below 1024, without root
                return not _answers(port, address)
            return error.errno != errno.EADDRINUSE
        return True


def _answers(port: int, address: str) -> bool:
    try:
        socket.create_connection((address, port), CONNECT_DEADLINE).close()
    except OSError:
        return False
    return True


def _by_psutil(port: int, address: str) -> Holder | None:
    import psutil

    places = {address, f"::ffff:{address}", "0.0.0.0", "::"}  # noqa: S104 - compared, not bound
    try:
        listeners = [
            c.pid
            for c in psutil.net_connections(kind="tcp")
            if c.status == psutil.CONN_LISTEN
            and c.laddr
            and c.laddr.port == port
            and c.laddr.ip in places
        ]
        pid = next((pid for pid in listeners if pid is not None), None)
        if pid is None:
            return None
        process = psutil.Process(pid)
        return Holder(process.name(), pid, process.username())
    except (psutil.Error, OSError):
        return None


def _by_ss(port: int) -> Holder | None:
    """Ask ss as root, where that takes no password."""
    if os.geteuid() == 0 or not shutil.which("sudo") or not shutil.which("ss"):
        return None
    said = command.query(("sudo", "-n", "ss", "-Hltnp", f"sport = :{port}"), deadline=2.0)
    return ss_holder(said.output) if said.code == 0 else None


def ss_holder(text: str) -> Holder | None:
    """The first process in what `ss -Hltnp` printed."""
    found = re.search(r'users:\(\("([^"]*)",pid=(\d+)', text)
    return Holder(found[1], int(found[2])) if found else None


def listener_uid(table: str, port: int) -> int | None:
    """The user id of a listener on the port, from the text of /proc/net/tcp or tcp6."""
    for line in table.splitlines()[1:]:
        fields = line.split()
        if fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
            return int(fields[7])
    return None


def _user(port: int) -> str:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            uid = listener_uid(Path(table).read_text(encoding="ascii"), port)
        except (OSError, ValueError, IndexError):
            continue
        if uid is not None:
            return _user_name(uid)
    return ""


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _container(port: int, published_by: PublishedBy | None) -> str:
    try:
        return (published_by(port) if published_by else None) or ""
    except BootstrapError:  # an engine that does not answer names nothing
        return ""

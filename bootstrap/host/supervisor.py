"""A supervisord of ours: what it runs, read over its socket, and changing that."""

from __future__ import annotations

import http.client
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bootstrap.core.errors import BootstrapError
from bootstrap.host.web import OverSocket

if TYPE_CHECKING:
    import xmlrpc.client

TIMEOUT = 60.0
"""Seconds for one answer: the longest is that of a program that is stopped."""

ALIVE = frozenset({"STARTING", "RUNNING", "BACKOFF", "STOPPING"})
"""The states of a program that has a process, or will have one again by itself."""

ALREADY_STARTED = 60
"""supervisord's code for that (supervisor.xmlrpc.Faults)."""


@dataclass(frozen=True, slots=True)
class Process:
    """One program as the supervisor states it: its name, the group that it is in, its state
    (supervisord.org/subprocess.html), its process id (0 for none), when it started, and what the
    supervisor has to say about it."""

    name: str
    group: str
    state: str
    pid: int
    started: datetime | None
    said: str


class SupervisorView:
    """What can be read from the supervisor behind a socket. Nothing here changes anything."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket

    def processes(self) -> tuple[Process, ...] | None:
        """Every program that it knows, None where no supervisor answers."""
        if not self.socket.exists():
            return None
        # Imported here and below: where nothing runs natively, a no-op `up` does without.
        import xmlrpc.client

        try:
            with self._server() as server:
                return tuple(map(_process, server.supervisor.getAllProcessInfo()))
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return None

    @contextmanager
    def _server(self) -> Iterator[Any]:
        from xmlrpc.client import ServerProxy

        with ServerProxy("http://localhost", transport=_transport(self.socket)) as server:
            yield server


class Supervisor(SupervisorView):
    """The supervisor behind a socket, to change what it runs.

    Every method raises BootstrapError E-SUPERVISOR where it does not answer or refuses.
    """

    def pid(self) -> int:
        """Its process id."""
        with self._asking() as ask:
            return int(ask.getPID())

    def take_over(self) -> None:
        """Read its configuration anew: groups that are not in it any more are stopped and
        forgotten, new ones become known; those that stay run on."""
        with self._asking() as ask:
            ((added, changed, removed),) = ask.reloadConfig()
            for name in (*removed, *changed):
                ask.stopProcessGroup(name)
                ask.removeProcessGroup(name)
            for name in (*added, *changed):
                ask.addProcessGroup(name)

    def start(self, process: Process) -> None:
        """Start a program that has ended; does not wait for it."""
        from xmlrpc.client import Fault

        with self._asking() as ask:
            try:
                ask.startProcess(f"{process.group}:{process.name}", False)
            except Fault as fault:  # the supervisor, which has just begun, was quicker
                if fault.faultCode != ALREADY_STARTED:
                    raise

    def stop(self, process: Process) -> None:
        """Stop a program, and wait for its end."""
        with self._asking() as ask:
            ask.stopProcess(f"{process.group}:{process.name}")

    def shut_down(self) -> None:
        """Stop what runs, then the supervisor itself; returns when all programs ended."""
        with self._asking() as ask:
            ask.stopAllProcesses()
            ask.shutdown()

    @contextmanager
    def _asking(self) -> Iterator[Any]:
        import xmlrpc.client

        try:
            with self._server() as server:
                yield server.supervisor
        except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
            said = error.faultString if isinstance(error, xmlrpc.client.Fault) else error
            raise BootstrapError(
                "E-SUPERVISOR",
                f"the supervisor of the services does not do what it should: {said}",
                where=str(self.socket),
                remedy="run `mlops-bootstrap down`, then `mlops-bootstrap up` again",
            ) from error


def _transport(socket: Path) -> xmlrpc.client.Transport:
    """XML-RPC over a Unix socket."""
    from xmlrpc.client import Transport

    class OverUnixSocket(Transport):
        def make_connection(self, host: Any) -> http.client.HTTPConnection:
            """Give a connection to the socket; close() ends it."""
            connection = OverSocket(os.fspath(socket), TIMEOUT)
            self._connection = host, connection
            return connection

    return OverUnixSocket()


def _process(raw: dict[str, Any]) -> Process:
    alive = raw["statename"] in ALIVE and raw["start"]
    return Process(
        name=raw["name"],
        group=raw["group"],
        state=raw["statename"],
        pid=raw["pid"],
        started=datetime.fromtimestamp(raw["start"], UTC) if alive else None,
        said=raw["spawnerr"],
    )

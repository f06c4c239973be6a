"""The services as processes, behind the words that all runtimes share."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError
from bootstrap.core.writing import writing
from bootstrap.course.model import Service
from bootstrap.generation import Generation
from bootstrap.host.command import Command, OnLine
from bootstrap.host.host import Host, HostView
from bootstrap.host.processes import numbered, see_off
from bootstrap.host.supervisor import ALIVE, Process, Supervisor, SupervisorView
from bootstrap.runtimes.native.databases import SCHEMAS, check_schemas, revisions
from bootstrap.runtimes.native.services import FLOWS_S, answers, left_behind, stop
from bootstrap.runtimes.native.settings import ARTIFACTS, DATABASES
from bootstrap.runtimes.native.stack import SERVICES, NativeStack
from bootstrap.runtimes.runtime import State
from bootstrap.runtimes.schemas import Schema

SUPERVISOR_S = 10
"""Seconds for the supervisor to end after its programs did; it takes less than one."""


@dataclass(frozen=True)
class NativeRuntime:
    """The processes of one course."""

    stack: NativeStack
    name: Literal["native"] = "native"

    @property
    def services(self) -> Mapping[str, Service]:
        """The services that it runs: all but the database, which is a file."""
        return {name: self.stack.services[name] for name in SERVICES}

    @property
    def ports(self) -> Mapping[str, int]:
        """The ports that services are published on."""
        return self.stack.ports

    @property
    def flows(self) -> str:
        """The folder of the proof's flow."""
        return str(self.stack.flows)

    def url(self, service: str) -> str:
        """Where a service is for this machine."""
        return self.stack.url(service)

    def states(self, view: HostView) -> Mapping[str, State]:
        """The services that the supervisor knows."""
        return {p.name: self._state(p) for p in self._processes()}

    def any_runs(self, view: HostView) -> bool:
        """Whether a process runs, or will again."""
        return any(p.state in ALIVE for p in self._processes())

    def started(self, view: HostView, service: str) -> datetime | None:
        """When a service that runs started."""
        return next((p.started for p in self._processes() if p.name == service), None)

    def own_ports(self, view: HostView) -> frozenset[int]:
        """The ports of the services that run, or that are ending after their supervisor did."""
        running = {p.name for p in self._processes() if p.state in ALIVE}
        if not running and left_behind(self.stack):
            return frozenset(self.ports.values())
        return frozenset(port for name, port in self.ports.items() if name in running)

    def data(self, view: HostView) -> str:
        """The folder of databases and artifacts."""
        return str(self.stack.data) if self.stack.data.is_dir() else ""

    def logs(self, service: str | None, tail: str, *, follow: bool) -> Command:
        """`tail` on the log files. Raises BootstrapError E-NOT-UP."""
        there = [self.stack.logs / f"{name}.log" for name in ([service] if service else SERVICES)]
        if not any(file.exists() for file in there):
            raise BootstrapError(
                "E-NOT-UP", "nothing was started yet", remedy="run `mlops-bootstrap up` first"
            )
        lines = "+1" if tail == "all" else tail
        # By name: a log that gets too long is moved away, and goes on in a new file.
        options = ("--follow=name", "--retry") if follow else ()
        return Command(("tail", f"--lines={lines}", *options, "--", *map(str, there)))

    def what_goes(self, view: HostView, *, volumes: bool) -> tuple[str, ...]:
        """Lines that say what taking down removes and what it keeps."""
        names = ", ".join(sorted(p.name for p in self._processes() if p.state in ALIVE)) or "none"
        verb = "deletes" if volumes else "keeps"
        return (f"stops processes: {names}", f"{verb} data: {self.data(view) or 'none'}")

    def take_down(self, host: Host, cancel: Cancel, on_line: OnLine, *, volumes: bool) -> None:
        """Stop the processes and their supervisor; with volumes, delete the data too."""
        cancel.check()
        supervisor = Supervisor(self.stack.socket)
        there = supervisor.processes()
        if there is not None:
            stop(self.stack, supervisor, there)
            daemon = numbered(supervisor.pid())
            supervisor.shut_down()
            see_off(daemon, SUPERVISOR_S)  # it removes files of its own at its very end
            on_line("all processes ended")
        self.stack.unit.remove(cancel)
        see_off(left_behind(self.stack), FLOWS_S)
        if volumes and self.stack.folder.exists():
            with writing(self.stack.folder):
                shutil.rmtree(self.stack.folder)

    def check_schemas(self, generation: Generation, cancel: Cancel) -> None:
        """Read the database files. Raises BootstrapError E-SCHEMA-NEWER."""
        check_schemas(self.stack.data, generation)

    def schema(self, service: str) -> Schema:
        """The schema of the database of a service that has one."""
        return SCHEMAS[DATABASES[service]]

    def revisions(self, service: str, cancel: Cancel) -> frozenset[str]:
        """What the database file of a service is at; nothing where it cannot be read."""
        return revisions(self.stack.data / DATABASES[service])

    def at_risk(self, view: HostView, service: str) -> str:
        """The files of a service that are gone, though it may still have them open."""
        there = [self.stack.data / DATABASES[service]]
        there += [self.stack.data / ARTIFACTS] if service == "mlflow" else []
        return ", ".join(f"{path} is gone" for path in there if not path.exists())

    def _processes(self) -> tuple[Process, ...]:
        return SupervisorView(self.stack.socket).processes() or ()

    def _state(self, process: Process) -> State:
        if process.state not in {"STARTING", "RUNNING"}:
            return State(process.state.lower(), well=False)
        well = answers(self.stack, process.name)
        return State("healthy" if well else "starting", well)

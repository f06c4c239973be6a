"""The services as processes: started by a supervisor, waited for by us."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Job, Observation, Step
from bootstrap.core.writing import writing
from bootstrap.host import web
from bootstrap.host.background import last_lines
from bootstrap.host.command import Command, detach
from bootstrap.host.files import make_private, write_atomically
from bootstrap.host.host import Host, HostView
from bootstrap.host.ports import free_ports, is_free
from bootstrap.host.processes import ask_to_end, leading_sessions, see_off, with_variable
from bootstrap.host.supervisor import ALIVE, Process, Supervisor, SupervisorView
from bootstrap.runtimes.native.databases import check_locks
from bootstrap.runtimes.native.settings import LOOPBACK, SYSTEM_PATH
from bootstrap.runtimes.native.stack import PASSED_ON, SERVICES, NativeStack
from bootstrap.runtimes.waiting import late, unhealthy

if TYPE_CHECKING:
    import psutil

QUICK_S = 2.0
LAUNCH_DEADLINE = 20
"""Seconds for the supervisor to answer; it takes half of one."""

LEAVE_S = 12
"""Seconds for what an earlier supervisor, which may be at its end, left; it gives services 10."""

FLOWS_S = 3
"""Seconds for a flow run to end: that its server is told of takes one."""

WORKER = "worker"
LOG_LINES = 8


class NativeServices(Step[HostView, Host]):
    """A healthy process of the wanted digest for every service."""

    name = "services"
    title = "Services"

    def __init__(self, stack: NativeStack, requires: frozenset[str]) -> None:
        self.requires = requires
        self._stack = stack

    def observe(self, view: HostView) -> Observation:
        wanted = f"{len(SERVICES)} healthy"
        said = complaints(self._stack)
        found = ", ".join(f"{name} {complaint}" for name, complaint in said.items() if complaint)
        return Observation(not found, found or wanted, wanted)

    def apply(self, host: Host, job: Job) -> None:
        stack = self._stack
        supervisor = Supervisor(stack.socket)
        there = supervisor.processes()
        if not any(process.state in ALIVE for process in there or ()):
            check_locks(stack.data)
        if there is None:
            see_off(left_behind(stack), LEAVE_S)
            shutil.rmtree(stack.temporary, ignore_errors=True)
        self._write()
        if there is None:
            self._launch(host, supervisor, job)
        else:
            stop(stack, supervisor, [p for p in there if p.group != stack.groups.get(p.name)])
            supervisor.take_over()
        for name in SERVICES:
            self._start(supervisor, name)
        for name in SERVICES:
            self._wait(name, job)
            job.note(f"{name} is healthy")

    def _write(self) -> None:
        """Everything that the supervisor and the services read."""
        stack = self._stack
        make_private(stack.folder)
        with writing(stack.folder):
            for folder in (stack.data, stack.logs, stack.flows, stack.temporary):
                folder.mkdir(exist_ok=True)
            shutil.copy(stack.scripts / "proof_flow.py", stack.flows)
        port = self._worker_port()
        for program in stack.programs(port):
            script = stack.folder / f"{program.name}.sh"
            write_atomically(script, program.script.encode())
        write_atomically(stack.configuration, stack.config.encode())

    def _worker_port(self) -> int:
        """The port for the worker's health: the one it has, or one that is free."""
        port = self._stack.worker_port
        process = _process(self._stack, WORKER)
        runs = process is not None and process.state == "RUNNING"
        if port and (runs or is_free(port, LOOPBACK)):
            return port
        (port,) = free_ports(1)
        write_atomically(self._stack.folder / "worker.port", str(port).encode())
        return port

    def _launch(self, host: Host, supervisor: Supervisor, job: Job) -> None:
        """Start the supervisor. Raises BootstrapError E-SUPERVISOR where it does not answer."""
        stack = self._stack
        passed = {name: host.environ[name] for name in PASSED_ON if name in host.environ}
        argv = (sys.executable, "-I", "-m", "supervisor.supervisord", "-c")
        daemon = Command(
            (*argv, stack.configuration.name),
            {"PATH": SYSTEM_PATH, "HOME": str(stack.home), "LANG": "C.UTF-8", **passed},
            cwd=stack.folder,
            isolated=True,
            outlives_us=True,
        )
        log = stack.logs / "supervisor.out"
        if stack.unit.lasts:
            stack.unit.start(daemon, log, job.cancel)
        else:
            detach(daemon, log)

        def silence() -> str:
            return "it does not answer" if supervisor.processes() is None else ""

        silent = late("the supervisor", LAUNCH_DEADLINE, silence, job)
        if silent:
            raise BootstrapError(
                "E-SUPERVISOR",
                silent,
                where=str(log),
                remedy="its log says why; then run `mlops-bootstrap up` again",
            )

    def _start(self, supervisor: Supervisor, name: str) -> None:
        process = _process(self._stack, name)
        if process and process.state not in ALIVE:
            supervisor.start(process)

    def _wait(self, name: str, job: Job) -> None:
        """Until a service is healthy, within its own deadline."""
        deadline = self._stack.services[name].deadline
        if what := late(name, deadline, lambda: self._complaint(name), job):
            log = last_lines(self._stack.logs / f"{name}.log", LOG_LINES)
            raise unhealthy(what, name, log, job, self._stack.project)

    def _complaint(self, name: str) -> str:
        return complaint_of(self._stack, name, _process(self._stack, name))


def complaints(stack: NativeStack) -> dict[str, str]:
    """What is not as wanted about each service, empty where all is."""
    there = {p.name: p for p in SupervisorView(stack.socket).processes() or ()}
    with ThreadPoolExecutor(len(SERVICES)) as pool:
        said = pool.map(lambda name: complaint_of(stack, name, there.get(name)), SERVICES)
        return dict(zip(SERVICES, said, strict=True))


def complaint_of(stack: NativeStack, name: str, process: Process | None) -> str:
    """What is not as wanted about one service, empty where all is."""
    if process is None:
        return "absent"
    if process.group != stack.groups[name]:
        return "of an earlier version"
    if process.state not in {"STARTING", "RUNNING"}:
        return process.state.lower()
    return "" if answers(stack, name) else "starting"


def stop(stack: NativeStack, supervisor: Supervisor, processes: Iterable[Process]) -> None:
    """Stop these processes, the last that was started first: a worker that has lost its server
    would go on trying to reach it.

    With a worker end its flow runs. They are asked before it is: it would kill them, and their
    server, which they tell that they end, would take them for running ever after.
    """
    alive = {p.name: p for p in processes if p.state in ALIVE}
    if WORKER in alive:
        runs = leading_sessions(left_behind(stack))
        ask_to_end(runs)
        see_off(runs, FLOWS_S)
    for name in reversed(SERVICES):
        if process := alive.get(name):
            supervisor.stop(process)


def left_behind(stack: NativeStack) -> list[psutil.Process]:
    """What an earlier supervisor left: services that are ending, and flow runs, each of which has
    a session of its own. All have a folder for temporary files that nobody else has."""
    return with_variable("TMPDIR", str(stack.temporary))


def answers(stack: NativeStack, name: str) -> bool:
    """Whether a service answers as a healthy one does. Never raises."""
    base, _, path = stack.health(name).removeprefix("http://").partition("/")
    try:
        web.ask(f"http://{base}", "GET", f"/{path}", timeout=QUICK_S)
    except (OSError, web.RefusalError):
        return False
    return True


def _process(stack: NativeStack, name: str) -> Process | None:
    there = SupervisorView(stack.socket).processes() or ()
    return next((process for process in there if process.name == name), None)

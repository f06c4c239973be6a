"""Services as processes: their start against the slowest one's own, and what they take idle."""

from __future__ import annotations

import shutil
import tempfile
import time
from functools import partial
from pathlib import Path

import psutil

from benchmarks.measured import Measured, Series, Target
from benchmarks.place import running_lab
from benchmarks.timing import TOOL, RunError, environment, in_turns, seconds
from bootstrap.cli.options import Session, open_session
from bootstrap.core.cancel import Cancel
from bootstrap.core.step import Job
from bootstrap.host.command import Command
from bootstrap.host.ports import free_ports
from bootstrap.runtimes.native.runtime import NativeRuntime
from bootstrap.runtimes.native.services import NativeServices, answers
from bootstrap.runtimes.native.stack import NativeStack

OURS = "all services, from nothing to healthy"
ALONE = ("mlflow", "prefect")
"""The worker is nothing without the others; its own start is the shortest."""

RATIO, SERVICES_MB, SUPERVISOR_MB = 1.2, 900, 40
MEGABYTE = 1_000_000
IDLE_S, DEADLINE_S, LOOK_S = 15, 180, 0.1


def measure(count: int) -> Measured:
    with running_lab() as lab, tempfile.TemporaryDirectory(prefix="mlops-bench-") as root:
        environ = environment(HOME=root, MLOPS_BOOTSTRAP_RUN_DIR=f"{root}/run")
        ports = dict(zip(ALONE, free_ports(2), strict=True))
        moved = [f"--port={name}={port}" for name, port in ports.items()]
        up = (str(TOOL), "up", "--plain", "--yes", "--runtime", "native", "--source", lab.url,
              "--course", str(lab.course_path), *moved)  # fmt: skip
        seconds(up, environ)
        bench = _Bench(open_session(environ=environ))
        bench.down()
        runs = in_turns(
            count,
            {OURS: bench.together, **{f"{one} alone": partial(bench.alone, one) for one in ALONE}},
        )
    series = [Series(what, taken) for what, taken in runs.items()]
    services, supervisor = (max(taken) for taken in zip(*bench.memory, strict=True))
    targets = (
        Target(
            f"all healthy, times the slowest service's own cold start, < {RATIO}",
            RATIO,
            series[0].median / max(one.median for one in series[1:]),
        ),
        Target(f"idle memory of all services < {SERVICES_MB} MB", SERVICES_MB, services),
        Target(f"memory of the supervisor < {SUPERVISOR_MB} MB", SUPERVISOR_MB, supervisor),
    )
    notes = (
        "each start with new databases, from the compiled environment",
        f"memory {IDLE_S} s after healthy: PSS of all processes; of the supervisor, all resident",
    )
    return Measured("native", tuple(series), targets, notes)


class _Bench:
    """One home whose environment is installed; its services start from nothing each time."""

    def __init__(self, session: Session) -> None:
        runtime = session.blueprint.runtime
        if not isinstance(runtime, NativeRuntime):
            raise RunError(f"the runtime is {runtime.name}")
        self._session = session
        self._runtime = runtime
        self._step = next(s for s in session.blueprint.steps if isinstance(s, NativeServices))
        self.memory: list[tuple[float, float]] = []

    @property
    def _stack(self) -> NativeStack:
        return self._runtime.stack

    def down(self) -> None:
        self._runtime.take_down(self._session.host, Cancel(), print, volumes=False)
        shutil.rmtree(self._stack.data)

    def together(self) -> float:
        started = time.perf_counter()
        self._step.apply(self._session.host, Job("services", lambda _: None, Cancel()))
        took = time.perf_counter() - started
        time.sleep(IDLE_S)
        supervisor = psutil.Process(int((self._stack.folder / "supervisor.pid").read_text()))
        family = supervisor.children(recursive=True)
        services = sum(process.memory_full_info().pss for process in family)
        self.memory.append((services / MEGABYTE, supervisor.memory_info().rss / MEGABYTE))
        self.down()
        return took

    def alone(self, name: str) -> float:
        """One service by its own script, as the supervisor starts it."""
        script = self._stack.folder / f"{name}.sh"
        self._stack.data.mkdir()
        started = time.perf_counter()
        what = Command(("sh", str(script)), cwd=self._stack.data)
        running = self._session.host.start(what, Path(self._stack.logs / "alone.log"))
        try:
            while not answers(self._stack, name):
                took = time.perf_counter() - started
                if running.code is not None or took > DEADLINE_S:
                    raise RunError(f"{name} does not answer")
                time.sleep(LOOK_S)
            return time.perf_counter() - started
        finally:
            running.end()
            shutil.rmtree(self._stack.data)

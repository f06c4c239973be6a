"""A place to measure in: a private home, a private engine, and the lab on loopback."""

from __future__ import annotations

import contextlib
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.timing import TOOL, environment
from bootstrap.cli.options import Session, open_session
from bootstrap.host.paths import Paths
from tests.lab import LabServer, build_lab, serve
from tests.lab.engine import private_engine

PUBLISHED = ("mlflow", "prefect")


@dataclass(frozen=True)
class Place:
    """Everything that `up` is pointed at."""

    lab: LabServer
    environ: dict[str, str]
    ports: dict[str, int]

    @cached_property
    def paths(self) -> Paths:
        return Paths.of(self.environ)

    @property
    def up(self) -> tuple[str, ...]:
        """The command line that brings this place up."""
        moved = [f"--port={name}={port}" for name, port in self.ports.items()]
        course = str(self.lab.course_path)
        return (str(TOOL), "up", "--plain", "--yes", "--source", self.lab.url,
                "--course", course, *moved)  # fmt: skip

    def session(self) -> Session:
        """The course as the tool sees it here."""
        return open_session(
            course=str(self.lab.course_path),
            source=self.lab.url,
            ports=tuple(self.ports.items()),
            environ=self.environ,
        )


@contextmanager
def running_lab() -> Iterator[LabServer]:
    """The lab, built where it is not yet, answering on loopback."""
    with serve(build_lab(say=lambda line: print(f"lab: {line}", file=sys.stderr))) as server:
        yield server


@contextmanager
def new_place(lab: LabServer, cache: Path) -> Iterator[Place]:
    """A machine that never saw the tool, apart from its cache. All of it is gone afterwards."""
    with contextlib.ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mlops-bench-")))
        engine = stack.enter_context(private_engine(root / "engine"))
        home = root / "home"
        home.mkdir()
        environ = environment(
            HOME=str(home),
            XDG_CACHE_HOME=str(cache),
            MLOPS_BOOTSTRAP_RUN_DIR=str(root / "run"),
            DOCKER_HOST=engine.docker_host,
        )
        yield Place(lab, environ, dict(zip(PUBLISHED, _free_ports(), strict=True)))


def forget_conda(cache: Path) -> None:
    """Make the tool's cache cold for conda packages, archives and all; wheels stay."""
    for folder in cache.glob("conda*"):
        shutil.rmtree(folder)


def _free_ports() -> tuple[int, int]:
    """Two ports that nothing listens on, held at once so that they differ."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]

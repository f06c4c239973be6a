"""One lab, one engine and one machine (a home of its own) for the whole session."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.fresh_student import Student
from tests.e2e.machine import Machine
from tests.lab import LabFiles, LabServer, build_lab, cpython, serve
from tests.lab.cache import default_cache
from tests.lab.engine import Engine, private_engine
from tests.lab.fresh_host import fresh_host


@pytest.fixture(scope="session")
def lab() -> LabFiles:
    return build_lab()


@pytest.fixture(scope="session")
def lab_server(lab: LabFiles) -> Iterator[LabServer]:
    with serve(lab) as running:
        yield running


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    # Short and not below pytest's folder: a socket's path has 107 characters at the most.
    with (
        tempfile.TemporaryDirectory(prefix="engine-") as folder,
        private_engine(Path(folder)) as started,
    ):
        yield started


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


STEPS = {
    "docker-compose", "environment", "bytecode", "repository", "shell", "image-base",
    "image-postgres", "image-course", "services", "health",
}  # fmt: skip
"""What a home needs in which nothing was installed, beside an engine that is there."""

NATIVE_STEPS = {"environment", "bytecode", "repository", "shell", "services", "health"}
"""The same without Docker."""

NATIVE_DISK = "256m"
"""Ten times what services have at the end of all tests."""


OTHERS = ("CONDA", "DOCKER", "MLFLOW", "VIRTUAL_ENV")
"""Variables of whoever runs the tests that a student has not, by how they begin."""


def new_machine(home: Path, lab: LabServer, runtime: str, **environ: str) -> Machine:
    """A home in which nothing was installed; wheels that were verified once are kept."""
    cache = default_cache() / "uv"
    cache.mkdir(parents=True, exist_ok=True)
    (home / ".cache" / "mlops-bootstrap").mkdir(parents=True)
    (home / ".cache" / "mlops-bootstrap" / "uv").symlink_to(cache)
    inherited = {n: v for n, v in os.environ.items() if not n.startswith(OTHERS)}
    own = {"HOME": str(home), "MLOPS_BOOTSTRAP_RUN_DIR": str(home / "run")}
    ports = {"mlflow": free_port(), "prefect": free_port()}
    return Machine(home, {**inherited, **own, **environ}, lab.url, lab.course_path, ports, runtime)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A file system of this size at the folder."""
    folder.mkdir(parents=True)
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=1777", "none", str(folder)]
    subprocess.run([*sudo, *mount], check=True)
    try:
        yield
    finally:
        subprocess.run([*sudo, "umount", "--lazy", str(folder)], check=True)


@contextmanager
def brought_up(made: Machine, steps: set[str]) -> Iterator[Machine]:
    """The machine after its first `up`, which had to do these steps; down again at the end."""
    plan = made.json("plan", *made.up_options)
    assert {change["step"] for change in plan["changes"]} >= steps
    try:
        said = made.ok("up", "--plain", *made.up_options)
        assert {made.url("mlflow"), made.url("prefect"), "activate"} <= set(said.split())
        yield made
    finally:
        made.ok("down", "--volumes", "--yes")


@pytest.fixture(scope="session")
def machine(
    lab_server: LabServer, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """A home that was brought up from nothing, with services in Docker."""
    home = tmp_path_factory.mktemp("home")
    made = new_machine(home, lab_server, "docker", DOCKER_HOST=engine.docker_host)
    with brought_up(made, STEPS) as up:
        yield up


@pytest.fixture(scope="session")
def native_machine(
    lab_server: LabServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """A home that was brought up from nothing, with services as processes, on a CPython of this
    machine; their data are on a small disk of their own."""
    path = f"{cpython.find().prefix / 'bin'}{os.pathsep}{os.environ['PATH']}"
    made = new_machine(tmp_path_factory.mktemp("native"), lab_server, "native", PATH=path)
    on_system = replace(made, more=("--python", "system"))
    with small_disk(made.native.parent, NATIVE_DISK), brought_up(on_system, NATIVE_STEPS) as up:
        yield up


@pytest.fixture(
    params=[pytest.param("machine", marks=pytest.mark.engine), "native_machine"],
    ids=["docker", "native"],
)
def served(request: pytest.FixtureRequest) -> Machine:
    """A machine with services in either runtime: for what both promise."""
    made: Machine = request.getfixturevalue(request.param)
    return made


@pytest.fixture(scope="session")
def fresh_student(
    engine: Engine, lab_server: LabServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Student]:
    with fresh_host(engine, default_cache(), name_suffix="student") as host:
        made = Student(host)
        made.install(tmp_path_factory.mktemp("wheel"), lab_server.course_path)
        yield made


@pytest.fixture(scope="session")
def fresh_options(fresh_student: Student, lab_server: LabServer) -> tuple[str, ...]:
    """The options of the first `up`; later ones need none of them."""
    return (
        "--source",
        fresh_student.host.forward(lab_server.port),
        "--course",
        "course/lab-course.yml",
    )

"""A private Docker engine for tests: own data, socket, containerd, bridge and addresses.

Its parent is a small supervisor (engine_supervisor.py), which ends it with the test process.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import docker
import docker.errors
import requests

from tests.lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SUPERVISOR = Path(__file__).with_name("engine_supervisor.py")
START_DEADLINE = 60.0
# Longer than the supervisor takes to end an engine that hangs, and to remove what builds left: tens
# of thousands of files, which took 90 s on a busy disk.
STOP_DEADLINE = 240.0
# A socket path holds 107 bytes, and pytest's folders are long: sockets get a short folder.
RUNTIME_PARENT = Path("/tmp")
TOOLS = {
    "dockerd": "docker.io",
    "containerd": "containerd",
    "iptables": "iptables",
    "ip": "iproute2",
    "setpriv": "util-linux",
    "umount": "mount",
}


class EngineError(LabError):
    """The private engine could not be started."""


@dataclass(frozen=True)
class Engine:
    """A running private engine."""

    socket: Path
    docker_host: str
    pid: int
    data_root: Path
    # The address by which containers on the default bridge reach this machine.
    gateway: str

    def client(self) -> docker.DockerClient:
        """Connect; the caller closes it."""
        return docker.DockerClient(base_url=self.docker_host, timeout=120)


def apt_requirements() -> list[str]:
    """Name the Debian packages that a private engine needs."""
    return sorted(set(TOOLS.values()))


def require_tools(tools: dict[str, str]) -> None:
    """Fail, naming what to install: a test that needs a tool never skips."""
    missing = sorted({package for tool, package in tools.items() if not shutil.which(tool)})
    if missing:
        raise EngineError(f"missing on this machine: apt-get install {' '.join(missing)}")
    if os.geteuid() != 0:
        raise EngineError("a private engine needs root: run these tests with sudo")


@contextlib.contextmanager
def private_engine(
    root: Path,
    *,
    insecure_registries: Sequence[str] = (),
    registry_mirrors: Sequence[str] = (),
) -> Iterator[Engine]:
    """Run an engine whose data live in `root`; nothing of it but its log remains afterwards."""
    require_tools(TOOLS)
    root = root.resolve()
    root.mkdir(parents=True, exist_ok=True)
    runtime = Path(tempfile.mkdtemp(prefix="lab-engine-", dir=RUNTIME_PARENT))
    options = [f"--insecure-registry={name}" for name in insecure_registries]
    options += [f"--registry-mirror={url}" for url in registry_mirrors]
    supervisor = subprocess.Popen(
        # -P: this folder's modules must not hide installed ones of the same name
        [sys.executable, "-P", str(SUPERVISOR), str(root), str(runtime), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C reaches the test, which then ends the engine in order
    )
    assert supervisor.stdin is not None
    assert supervisor.stdout is not None
    with supervisor:
        try:
            yield _started(supervisor, root, runtime)
        finally:
            supervisor.stdin.close()
            supervisor.wait(timeout=STOP_DEADLINE)
            shutil.rmtree(runtime, ignore_errors=True)


def _started(supervisor: subprocess.Popen[str], root: Path, runtime: Path) -> Engine:
    assert supervisor.stdout is not None
    line = supervisor.stdout.readline()
    if not line:
        raise EngineError(_failure("the engine's supervisor ended at once", root))
    facts = json.loads(line)
    socket = runtime / "docker.sock"
    engine = Engine(
        socket=socket,
        docker_host=f"unix://{socket}",
        pid=facts["pid"],
        data_root=root / "data",
        gateway=facts["gateway"],
    )
    deadline = time.monotonic() + START_DEADLINE
    while not _answers(engine):
        if supervisor.poll() is not None:
            raise EngineError(_failure("the engine ended while starting", root))
        if time.monotonic() > deadline:
            raise EngineError(_failure(f"the engine is silent after {START_DEADLINE:.0f} s", root))
        time.sleep(0.1)
    return engine


def _answers(engine: Engine) -> bool:
    if not engine.socket.exists():
        return False
    try:
        with contextlib.closing(engine.client()) as client:
            return bool(client.ping())
    except (docker.errors.DockerException, requests.RequestException):
        return False


def _failure(what: str, root: Path) -> str:
    log = root / "dockerd.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    telling = [line for line in lines if "level=info" not in line]
    return "\n".join([f"{what}; last lines of {log}:", *telling[-15:]])

"""A fresh machine in seconds: a container with systemd as PID 1 and only what a student has.

It has Python, a package manager and sudo; no git, no curl, no Docker. It reaches the package
index and the Debian mirror the way this machine does, and this machine at `host_address`.
It is a stand-in for a virtual machine, no security boundary.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.fresh_container import EXCHANGE, NO_SYSTEMD, SYSTEMD, create, environment, imported
from tests.lab.fresh_rootfs import (
    FreshHostError,
    apt_requirements,
    apt_settings,
    build_rootfs,
    said,
)
from tests.lab.in_container import in_container
from tests.lab.relay import connects, relay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from docker.models.containers import Container

    from tests.lab.engine import Engine

__all__ = ["FreshHost", "FreshHostError", "apt_requirements", "fresh_host"]

BOOT_DEADLINE = 60.0
TIMED_OUT = 124  # of timeout(1)


@dataclass
class FreshHost:
    """A running fresh host."""

    docker_host: str
    container: Container
    host_address: str
    environment: dict[str, str]
    exchange: Path
    systemd: bool = True
    _relays: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(
        self,
        argv: Sequence[str],
        *,
        user: str = "student",
        env: Mapping[str, str] | None = None,
        timeout: float = 120,
        login: bool = False,
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a new session; `login` goes through PAM and a login shell."""
        command = ["timeout", "--kill-after=5", str(timeout), *argv]
        variables = {**self.environment, **(env or {})}
        if login:
            chosen = ["env", *(f"{name}={value}" for name, value in (env or {}).items())]
            command = ["su", "--login", user, "-c", 'exec "$@"', "--", "bash", *chosen, *command]
            user, variables = "root", {}
        done = self._exec(command, user, variables)
        if done.returncode == TIMED_OUT:
            raise subprocess.TimeoutExpired(list(argv), timeout, done.stdout, done.stderr)
        result = subprocess.CompletedProcess(list(argv), done.returncode, done.stdout, done.stderr)
        if check and result.returncode:
            raise FreshHostError(said(result))
        return result

    def run_beside(self, argv: Sequence[str], *, user: str = "student") -> None:
        """Start a command that goes on by itself; what it prints is lost."""
        assert self.container.client is not None
        api = self.container.client.api
        created = api.exec_create(self.container.id, argv, user=user, environment=self.environment)
        api.exec_start(created["Id"], detach=True)

    def _exec(
        self, command: list[str], user: str, variables: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        home = "/root" if user == "root" else f"/home/{user}"
        name = str(self.container.name)
        return in_container(
            self.docker_host, name, command, user=user, workdir=home, variables=variables
        )

    def copy_in(self, src: Path, dst: str, *, user: str = "student") -> None:
        """Copy a file or folder in; it belongs to the user."""
        with tempfile.TemporaryDirectory(dir=self.exchange) as folder:
            _copy(src, Path(folder) / src.name)
            inside = f"{EXCHANGE}/{Path(folder).name}/{src.name}"
            self.run(["chown", "-R", f"{user}:", inside], user="root")
            self.run(["cp", "-aT", inside, dst], user="root", timeout=600)

    def copy_out(self, src: str, dst: Path) -> None:
        """Copy a file or folder out; it belongs to whoever runs the test."""
        with tempfile.TemporaryDirectory(dir=self.exchange) as folder:
            inside = f"{EXCHANGE}/{Path(folder).name}/it"
            self.run(["cp", "-rT", src, inside], user="root", timeout=600)
            _copy(Path(folder) / "it", dst)

    def forward(self, port: int) -> str:
        """Make 127.0.0.1:port inside be that port of this machine; return its address.

        A registry on a loopback address needs no TLS, and a server of the lab may stay on this
        machine's loopback: a relay on `host_address` is added where it is needed.
        """
        if not connects(self.host_address, port):
            self._relays.append(relay(self.host_address, port))
        if self.systemd:
            self.run(["systemctl", "start", f"lab-forward@{port}"], user="root")
        else:
            words = ["127.0.0.1", self.host_address, str(port)]
            self.run_beside(["python3", "/usr/local/lib/lab/forward.py", *words])
        return f"http://127.0.0.1:{port}"

    def kill_process(self, pattern: str, signal: str = "KILL") -> None:
        """Send a signal to what matches the pattern on its full command line."""
        # without run's timeout(1), whose command line would hold the pattern too
        self._exec(["pkill", f"-{signal}", "--full", pattern], "root", {})

    def close(self) -> None:
        """End what runs beside the host."""
        for process in self._relays:
            with process:
                process.terminate()


@contextlib.contextmanager
def fresh_host(
    engine: Engine, cache: Path, *, name_suffix: str, systemd: bool = True
) -> Iterator[FreshHost]:
    """Boot a fresh host in the engine; the host and its Docker volume are gone afterwards.

    Without systemd, PID 1 is a process that does nothing, as in WSL 1 and many containers.
    """
    rootfs = build_rootfs(cache)
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(contextlib.closing(engine.client()))
        # a command may be silent for long: its own timeout ends it
        client.api.timeout = 3600
        image = imported(client, rootfs)
        # beside the engine's socket: removed even when the test process is killed
        scratch = tempfile.TemporaryDirectory(prefix="exchange-", dir=engine.socket.parent)
        exchange = Path(stack.enter_context(scratch))
        name = f"fresh-{name_suffix}"
        volume = client.volumes.create(f"{name}-docker")
        stack.callback(volume.remove, force=True)
        init = SYSTEMD if systemd else NO_SYSTEMD
        container = create(client, image, name, volume.name, exchange, init)
        stack.callback(container.remove, force=True, v=True)
        container.start()
        host = FreshHost(
            engine.docker_host, container, engine.gateway, environment(), exchange, systemd
        )
        stack.callback(host.close)
        if systemd:
            _wait_for_systemd(host)
        _connect_to_the_world(host)
        yield host


def _wait_for_systemd(host: FreshHost) -> None:
    deadline = time.monotonic() + BOOT_DEADLINE
    state = ""
    while time.monotonic() < deadline:
        done = host.run(["systemctl", "is-system-running"], user="root", check=False)
        state = done.stdout.strip()
        if state in {"running", "degraded"}:
            return
        time.sleep(0.1)
    log = host.container.logs(tail=20).decode(errors="replace")
    raise FreshHostError(f"systemd is {state!r} after {BOOT_DEADLINE:.0f} s\n{log}")


def _connect_to_the_world(host: FreshHost) -> None:
    """Give the running host, and no file that lasts, this machine's way of fetching."""
    variables = "".join(f"{name}={value}\n" for name, value in host.environment.items())
    with tempfile.TemporaryDirectory(dir=host.exchange) as folder:
        tree = Path(folder)
        _place(tree / "etc/environment", variables)
        _place(tree / "etc/lab.conf", f"LAB_HOST_ADDRESS={host.host_address}\n")
        for path in (*apt_settings(), Path("/etc/pip.conf")):
            if path.exists():
                _place(tree / path.relative_to("/"), path.read_text())
        # all at once, since every command in a container costs a tenth of a second
        host.run(["cp", "-rT", f"{EXCHANGE}/{tree.name}", "/"], user="root")


def _place(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _copy(src: Path, dst: Path) -> None:
    if src.is_dir():
        shutil.copytree(src, dst, symlinks=True)
    else:
        shutil.copy2(src, dst)

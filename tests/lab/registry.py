"""A real image registry (Debian's docker-registry) behind a Unix socket."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.debian import fetch_first
from tests.lab.errors import LabError

SUITES = ("bookworm", "trixie")  # the older one first: its binary runs on the older C library
BINARY = "docker-registry"
START_DEADLINE = 20.0


def build(target: Path) -> None:
    """Fetch the registry's binary into `target`."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="tmp-registry-") as scratch:
        unpacked = Path(scratch) / "unpacked"
        fetch_first("docker-registry", SUITES, Path(scratch), unpacked)
        (unpacked / "usr/bin" / BINARY).rename(target / BINARY)


@contextmanager
def running(tool: Path, storage: Path) -> Iterator[Path]:
    """Run the registry over a storage folder and yield the socket on which it answers."""
    # A folder of its own with a short name: a socket's path may have about 100 characters only.
    with tempfile.TemporaryDirectory(prefix="lab-registry-") as scratch:
        socket, log = Path(scratch) / "s", Path(scratch) / "log"
        settings = Path(scratch) / "config.yml"
        settings.write_text(json.dumps(_settings(storage, socket)))  # JSON is YAML too
        environment = {**os.environ, "OTEL_TRACES_EXPORTER": "none"}
        with log.open("wb") as output:
            # setpriv: the registry ends with us even if we are killed and cannot end it.
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", tool / BINARY, "serve", settings],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C on the terminal is for us, who then end it
            )
        try:
            _wait_for(socket, process, log)
            yield socket
        finally:
            _end(process)


def _settings(storage: Path, socket: Path) -> dict[str, object]:
    return {
        "version": "0.1",
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(storage)},
            "delete": {"enabled": True},
            "maintenance": {"uploadpurging": {"enabled": False}},
        },
        # Relative: the client asked the front, whose address the registry does not know.
        "http": {"net": "unix", "addr": str(socket), "relativeurls": True, "secret": "lab"},
    }


def _wait_for(socket: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_DEADLINE
    while not socket.exists():
        if process.poll() is not None or time.monotonic() > until:
            text = log.read_text(errors="replace")[-2000:]
            raise LabError(f"the registry did not start:\n{text}")
        time.sleep(0.02)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

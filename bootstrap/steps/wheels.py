"""The wheels of an environment, by uv, each checked against its pinned hashes."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bootstrap.core.errors import BootstrapError, TransientError
from bootstrap.core.retry import retrying
from bootstrap.core.step import Job
from bootstrap.host.command import Command
from bootstrap.host.host import Host

DEADLINE = 3600.0
"""Seconds: half a gigabyte of wheels over a slow line (1 Mbit/s would take 70 minutes)."""

INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX")
MISMATCH = re.compile(r"Hash mismatch for `([^`]+)`", re.DOTALL)
NETWORK_SIGNS = ("failed to fetch", "error sending request", "connection", "timed out", "dns error")


def uv_binary() -> str:
    """Path of the uv that came with this tool."""
    import uv

    return str(uv.find_uv_bin())


def install_wheels(requirements: Path, prefix: Path, count: int, host: Host, job: Job) -> None:
    """Bring exactly the wheels of a requirements file with hashes into the prefix.

    count is how many there will be, for the progress. Nothing is built and nothing is resolved.
    Raises BootstrapError E-DIGEST or E-WHEELS, TransientError E-HOST-UNREACHABLE.
    """
    argv = (
        uv_binary(), "pip", "install", "--python", str(prefix / "bin" / "python"),
        "--requirements", str(requirements), "--require-hashes", "--no-deps",
        "--only-binary", ":all:", "--no-progress", "--break-system-packages",
    )  # fmt: skip
    # A project's own uv settings are not ours: uv reads them from the folder it runs in.
    command = Command(argv, uv_environment(host.environ, host.paths.cache / "uv"),
                      cwd=host.paths.cache, deadline=DEADLINE)  # fmt: skip
    for attempt in retrying(job, attempts=3):
        with attempt, _counting(prefix, count, job):
            try:
                host.run(command, job, quiet=True)
            except BootstrapError as error:
                raise _explained(error) from error


def uv_environment(environ: Mapping[str, str], cache: Path) -> dict[str, str]:
    """What uv is told: our cache, the machine's own certificates, pip's index where uv has none."""
    told = {
        "UV_CACHE_DIR": str(cache),
        "UV_SYSTEM_CERTS": "1",
        "UV_NATIVE_TLS": "1",  # the same for older releases of uv
        "UV_HTTP_TIMEOUT": "30",
        "UV_PYTHON_DOWNLOADS": "never",
    }
    pip_index = environ.get("PIP_INDEX_URL")
    if pip_index and not any(environ.get(name) for name in INDEX_VARIABLES):
        told["UV_DEFAULT_INDEX"] = pip_index
    return told


@contextmanager
def _counting(prefix: Path, count: int, job: Job) -> Iterator[None]:
    """uv is silent without a terminal: what it has installed is counted from outside."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.25):
            done = sum(1 for _ in prefix.glob("lib/python*/site-packages/*.dist-info"))
            job.progress("wheels", min(done, count), count, "packages")

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _explained(error: BootstrapError) -> BootstrapError:
    said = error.what
    if mismatch := MISMATCH.search(said):
        return BootstrapError(
            "E-DIGEST", f"a wheel is not what was pinned: {said}", where=mismatch[1],
            remedy="do not use it: tell who runs the index, or update the pin if it is meant",
        )  # fmt: skip
    if any(sign in said.lower() for sign in NETWORK_SIGNS):
        return TransientError(
            "E-HOST-UNREACHABLE", f"fetching wheels failed: {said}", where="the Python index",
            remedy="check the network, proxy and index settings (UV_DEFAULT_INDEX, PIP_INDEX_URL)",
        )  # fmt: skip
    return BootstrapError(
        "E-WHEELS", f"installing wheels failed: {said}", where="uv",
        remedy="run `mlops-bootstrap up` again; report the journal if it stays",
    )  # fmt: skip

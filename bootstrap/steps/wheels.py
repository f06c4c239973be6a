"""The wheels of an environment, by uv, each checked against its pinned hashes."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bootstrap.core.cancel import Cancel
from bootstrap.core.retry import retrying
from bootstrap.core.step import Job
from bootstrap.core.writing import writing
from bootstrap.course.requirements import WheelPin
from bootstrap.generation.system_python import SystemPython
from bootstrap.host import command
from bootstrap.host.command import Command
from bootstrap.host.host import Host
from bootstrap.steps.uv_failures import explained

DEADLINE = 3600.0
"""Seconds: half a gigabyte of wheels over a slow line (1 Mbit/s would take 70 minutes)."""

TRIES = 3
"""uv itself tries each request four times."""

INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX")


def uv_binary() -> str:
    """Path of the uv that came with this tool."""
    import uv

    return str(uv.find_uv_bin())


def uv_cache(caches: Path) -> Path:
    """The folder of uv's cache among our caches."""
    return caches / "uv"


def install_wheels(
    requirements: Path,
    pins: Sequence[WheelPin],
    prefix: Path,
    host: Host,
    job: Job,
    *,
    into: tuple[str, ...] = (),
) -> None:
    """Bring exactly the wheels of a requirements file with hashes into the prefix.

    pins are what of it belongs on this machine; into are uv's options that say where they go, where
    that is not simply into the prefix and for its own Python. Nothing is built and nothing is
    resolved. Raises BootstrapError E-DIGEST, E-DOWNLOAD, E-DISK-FULL or E-WHEELS, TransientError
    E-HOST-UNREACHABLE or E-DOWNLOAD-CUT.

    uv links files from its cache (hardlinks where it can): for the course's 281 wheels, 1.2 GB,
    that took 4 s where copies took 26 to 40 s, and the space twice. The price: a file that is
    edited in place in one environment is edited in the cache as well.
    """
    argv = (
        uv_binary(), "pip", "install", *(into or ("--python", str(prefix / "bin" / "python"))),
        "--requirements", str(requirements), "--require-hashes", "--no-deps",
        "--only-binary", ":all:", "--no-progress", "--break-system-packages",
    )  # fmt: skip
    cache = uv_cache(host.paths.cache)
    with writing(cache):
        cache.mkdir(parents=True, exist_ok=True)
        _forget_half_installed(prefix)
    # A project's own uv settings are not ours: uv reads them from the folder it runs in, which it
    # refuses to do inside its own cache.
    environment = uv_environment(host.environ, cache)
    install = Command(argv, environment, cwd=host.paths.cache, deadline=DEADLINE)
    for attempt in retrying(job, attempts=TRIES):
        with attempt, _counting(prefix, cache, len(pins), job):
            result = command.run(install, job.cancel)
            if result.code != 0:
                raise explained(result.output, pins, prefix)


def install_system_python(system: SystemPython, prefix: Path, host: Host, job: Job) -> None:
    """Make the prefix a virtual environment of a Python of this machine; what is in it stays.

    Raises BootstrapError E-COMMAND-FAILED, E-WRITE or E-DISK-FULL.
    """
    cache = uv_cache(host.paths.cache)
    with writing(cache):
        cache.mkdir(parents=True, exist_ok=True)
    argv = (
        uv_binary(), "venv", "--quiet", "--allow-existing", "--no-project",
        "--python", system.program, str(prefix),
    )  # fmt: skip
    environment = uv_environment(host.environ, cache)
    host.run(Command(argv, environment, cwd=host.paths.cache), job)


def prune_cache(environ: Mapping[str, str], caches: Path, cancel: Cancel) -> str:
    """Let uv drop what its cache holds in vain; gives uv's own last line about it.

    Raises BootstrapError E-COMMAND-FAILED.
    """
    cache = uv_cache(caches)
    if not cache.is_dir():
        return ""
    prune = Command((uv_binary(), "cache", "prune"), uv_environment(environ, cache), cwd=caches)
    return command.check(prune, cancel).output.strip().rpartition("\n")[2]


def uv_environment(environ: Mapping[str, str], cache: Path) -> dict[str, str]:
    """What uv is told: our cache, the machine's own certificates, pip's index where uv has none."""
    told = {
        "UV_CACHE_DIR": str(cache),
        "UV_SYSTEM_CERTS": "1",
        "UV_HTTP_TIMEOUT": environ.get("UV_HTTP_TIMEOUT", "30"),
        "UV_PYTHON_DOWNLOADS": "never",
    }
    pip_index = environ.get("PIP_INDEX_URL")
    if pip_index and not any(environ.get(name) for name in INDEX_VARIABLES):
        told["UV_DEFAULT_INDEX"] = pip_index
    return told


def _forget_half_installed(prefix: Path) -> None:
    """Drop metadata that is not whole: uv would take the wheel for installed.

    INSTALLER is what uv writes last. It links the files of a wheel in any order, so that RECORD
    alone may be there before the rest.
    """
    for metadata in prefix.glob("lib/python*/site-packages/*.dist-info"):
        if not all((metadata / name).exists() for name in ("INSTALLER", "RECORD")):
            shutil.rmtree(metadata)


@contextmanager
def _counting(prefix: Path, cache: Path, count: int, job: Job) -> Iterator[None]:
    """uv is silent without a terminal: what it has unpacked and installed is counted from outside.

    It links everything at the end, so until then what is new in its cache says how far it is.
    """
    ended = threading.Event()
    unpacked_before = _entries(cache / "archive-v0")

    def watch() -> None:
        while not ended.wait(0.25):
            unpacked = _entries(cache / "archive-v0") - unpacked_before
            linked = sum(1 for _ in prefix.glob("lib/python*/site-packages/*.dist-info"))
            job.progress("wheels", min(max(unpacked, linked), count), count, "packages")

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _entries(folder: Path) -> int:
    try:
        return sum(1 for _ in folder.iterdir())
    except OSError:
        return 0

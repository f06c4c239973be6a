"""A built lab, served: the front, and behind it a registry and git, on copies of their data."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab import git_host, images, registry
from tests.lab.build import LabFiles
from tests.lab.cache import locked
from tests.lab.faults import Faults
from tests.lab.requests_log import RequestLog
from tests.lab.server import Front, Site


@dataclass(frozen=True)
class LabServer:
    """A lab that answers; `url` is what `--source` takes, `course_path` what `--course` takes."""

    url: str
    host: str
    port: int
    faults: Faults
    requests: RequestLog
    course_path: Path
    repository: Path  # bare, a copy: a test may move it forward


@contextmanager
def serve(lab: LabFiles, host: str = "127.0.0.1", port: int = 0) -> Iterator[LabServer]:
    """Serve a lab until the block ends; what clients push or change is gone afterwards."""
    with _scratch(lab.cache) as scratch:
        storage = images.copy_storage(lab.images, scratch)
        repository = git_host.copy_repository(lab.git, scratch)
        with registry.running(lab.registry, storage) as socket:
            site = Site(roots=lab.roots, git_root=scratch, registry=socket)
            with Front(site, host, port) as front:
                thread = threading.Thread(target=front.serve_forever, args=(0.05,), daemon=True)
                thread.start()
                try:
                    yield LabServer(
                        url=front.url,
                        host=host,
                        port=int(front.server_address[1]),
                        faults=front.faults,
                        requests=front.requests,
                        course_path=lab.course_path,
                        repository=repository,
                    )
                finally:
                    front.stopping.set()
                    front.shutdown()
                    thread.join()


@contextmanager
def _scratch(cache: Path) -> Iterator[Path]:
    """Yield a folder in the cache (so that blobs can be linked) and sweep those of dead servers."""
    served = cache / "served"
    served.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with locked(served / ".lock"):  # nobody takes a folder for dead that is just being made
            for folder in served.iterdir():
                _remove_if_dead(folder)
            scratch = Path(tempfile.mkdtemp(dir=served))
            lock = stack.enter_context((scratch / ".lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _remove_if_dead(folder: Path) -> None:
    """Remove the folder of a server that was killed: nobody holds its lock any more."""
    try:
        with (folder / ".lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return  # held: its server lives

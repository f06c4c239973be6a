"""The cache of built parts: one folder a part and key, complete or absent.

A part's key is a digest of everything that shapes its bytes: the source files that build it and the
inputs it names. The same key therefore never needs building twice, and a change of any input builds
anew without anyone having to clean up first.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

KEPT = 3  # built folders kept of each part, so that switching branches costs nothing


def default_cache() -> Path:
    """Return the folder that `MLOPS_LAB_CACHE` names, else the one in the user's cache."""
    if named := os.environ.get("MLOPS_LAB_CACHE"):
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mlops-bootstrap-lab"


def digest_of(sources: Iterable[Path], inputs: Mapping[str, str]) -> str:
    """Digest the content of source files (not their place or age) and named inputs."""
    total = hashlib.sha256()
    for source in sorted(sources, key=lambda path: path.name):
        total.update(f"{source.name}\0".encode())
        total.update(hashlib.sha256(source.read_bytes()).digest())
    for name in sorted(inputs):
        total.update(f"{name}={inputs[name]}\0".encode())
    return total.hexdigest()[:16]


@contextmanager
def locked(lock: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file; another process waits until it is free."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def build_once(cache: Path, part: str, key: str, build: Callable[[Path], None]) -> Path:
    """Return the folder of a part, calling `build` with an empty folder if it is not there yet.

    The folder appears under its name in one rename after `build` returned: a build that was killed
    leaves only a temporary folder, which the next one removes.
    """
    target = cache / part / key
    if target.is_dir():
        return target
    with locked(cache / part / ".lock"):
        if target.is_dir():
            return target
        for leftover in (cache / part).glob("tmp-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        scratch = Path(tempfile.mkdtemp(prefix="tmp-", dir=cache / part))
        try:
            scratch.chmod(0o755)
            build(scratch)
            scratch.rename(target)
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            raise
        _forget_oldest(cache / part, target)
    return target


def _forget_oldest(folder: Path, newest: Path) -> None:
    """Keep the last few builds of a part, and any that is younger than a day (it may be in use)."""
    built = sorted(
        (path for path in folder.iterdir() if path.is_dir() and path != newest),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    for old in built[KEPT - 1 :]:
        if time.time() - old.stat().st_mtime > 24 * 3600:
            shutil.rmtree(old, ignore_errors=True)

"""One run at a time on a machine: a lock that the kernel drops when its holder ends, however."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap.core.errors import BootstrapError, LockedError
from bootstrap.host.apt_locks import holder_of_locks


@contextmanager
def run_lock(folder: Path, command: str) -> Iterator[None]:
    """Hold the machine-wide lock while inside; command is what a second run is told of this one.

    Raises LockedError (E-LOCKED, exit 4) naming the holder. The file stays: removing it would let
    two runs hold two different files of the same name.
    """
    path = folder / "mlops-bootstrap.lock"
    descriptor = _open(path)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _held(path) from error
        holder = {"pid": os.getpid(), "user": os.getuid(), "command": command, "since": time.time()}
        _describe(descriptor, json.dumps(holder))
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    # In a sticky folder the kernel forbids O_CREAT on a file of another user
    # (fs.protected_regular), and flock works on a descriptor that can only read.
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for flags in (os.O_RDWR, os.O_RDWR | os.O_CREAT, os.O_RDONLY):
            try:
                return os.open(path, flags | os.O_CLOEXEC, 0o644)
            except (FileNotFoundError, PermissionError):
                continue
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    except OSError as error:
        raise BootstrapError(
            "E-LOCK-FILE",
            f"the lock file cannot be opened: {error.strerror}",
            where=str(path),
            remedy="set MLOPS_BOOTSTRAP_RUN_DIR to a folder that you can write",
        ) from error


def _describe(descriptor: int, text: str) -> None:
    if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)


def _held(path: Path) -> LockedError:
    return LockedError(
        "E-LOCKED",
        f"another run is under way: {_who(path)}",
        where=str(path),
        remedy="wait until it ends, or stop it; then run the command again",
    )


def _who(path: Path) -> str:
    """The holder as the kernel knows it; what the file says of it counts only for that process.

    A file of another user cannot be written by the holder: it describes an earlier run then.
    """
    holder = holder_of_locks([path])
    try:
        said = json.loads(path.read_text())
        if holder is None or holder.pid in {None, said["pid"]}:
            seconds = int(time.time() - said["since"])
            return f"`{said['command']}` (process {said['pid']}, for {seconds} s)"
    except (OSError, ValueError, KeyError, TypeError):
        pass  # what the file says is a hint; that the lock is held is certain
    return str(holder) if holder and holder.pid else "another process"

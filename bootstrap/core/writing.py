"""What the system says when it cannot write, as one of our errors."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap.core.errors import BootstrapError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def unwritable(error: OSError, path: Path) -> BootstrapError:
    """The error for a path that could not be written: E-DISK-FULL, or E-WRITE for all else."""
    place = str(error.filename or path)
    if error.errno in FULL:
        return disk_full(place)
    return BootstrapError(
        "E-WRITE",
        f"cannot write: {error.strerror or error}",
        where=place,
        remedy="check who owns the folder and whether it can be written, then try again",
    )


def disk_full(place: str) -> BootstrapError:
    """The error for a file system, or a quota, without room."""
    return BootstrapError(
        "E-DISK-FULL",
        "no room is left on the file system; what arrived so far is kept",
        where=place,
        remedy="make room (`df -h` shows where), then run `mlops-bootstrap up` again: it goes on",
    )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Translate what the system raises while this path is written."""
    try:
        yield
    except OSError as error:
        raise unwritable(error, path) from error

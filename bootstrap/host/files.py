"""Files are written beside and then replaced, so that a reader never sees half of one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from bootstrap.core.writing import writing


def write_atomically(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace or create the file at path with content, whole or not at all; mode is set first.

    A symlink is followed: the file behind it is replaced, the link stays. Raises BootstrapError
    E-DISK-FULL or E-WRITE; the file that was there is then as it was.
    """
    with writing(path):
        _replace(path.resolve(), content, mode)


def _replace(target: Path, content: bytes, mode: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        if target.exists():  # root may write a file of the user; a user can only keep the own
            with contextlib.suppress(PermissionError):
                os.fchown(descriptor, target.stat().st_uid, target.stat().st_gid)
        os.fchmod(descriptor, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def link_atomically(link: Path, target: Path) -> None:
    """Make link a symlink to target, replacing a link that is there in one move.

    Raises BootstrapError E-DISK-FULL or E-WRITE, also where a folder is in the way.
    """
    with writing(link):
        link.parent.mkdir(parents=True, exist_ok=True)
        temporary = link.with_name(f".{link.name}.{os.getpid()}")
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(target)
        try:
            temporary.replace(link)
        except BaseException:
            temporary.unlink()
            raise


def make_private(folder: Path) -> Path:
    """The folder, made when missing, readable by its owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder

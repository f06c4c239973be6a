"""Files that a command was asked to write, looked at before its work begins."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from bootstrap.core.errors import UsageError


def check_outputs(files: Mapping[str, Path | None]) -> dict[str, Path]:
    """The files that are to be written, by the option that names each; the others are left out.

    Raises UsageError E-OUTPUT for one that cannot be written, or that two options name.
    """
    asked = {option: file for option, file in files.items() if file is not None}
    taken: dict[Path, str] = {}
    for option, file in asked.items():
        before = taken.setdefault(file.resolve(), option)
        if before != option:
            raise _refused(option, file, f"{before} writes the same file")
        _check(option, file)
    return asked


def _check(option: str, file: Path) -> None:
    """Try it: rights, read-only file systems and full disks are known to the system alone."""
    target = file.resolve()
    if target.is_dir():
        raise _refused(option, file, "it is a folder")
    if target.exists() and not target.is_file():
        raise _refused(option, file, "it is no ordinary file")
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}."):
            pass
    except OSError as error:
        raise _refused(option, file, error.strerror or str(error)) from error


def _refused(option: str, file: Path, why: str) -> UsageError:
    return UsageError(
        "E-OUTPUT",
        f"{file} cannot be written: {why}",
        where=option,
        remedy="name a file in a folder that is there and that you may write to",
    )

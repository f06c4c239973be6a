"""Processes of this machine."""

from __future__ import annotations

from pathlib import Path


def running_from(folder: Path) -> int | None:
    """The process whose program is a file of this folder, None where there is none to be seen.

    In a container a program may have the same path and be another file.
    """
    import psutil

    for process in psutil.process_iter(["pid", "exe"]):
        program = process.info["exe"]
        try:
            inside = program and Path(program).is_relative_to(folder)
            if inside and Path(program).samefile(f"/proc/{process.pid}/exe"):
                return int(process.pid)
        except OSError:  # it ended, or it is another user's
            continue
    return None

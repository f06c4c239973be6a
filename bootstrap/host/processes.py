"""Processes of this machine."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psutil import Process


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


def with_variable(name: str, value: str) -> list[Process]:
    """Every process of this user that has this environment variable at this value."""
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(name) == value:
                found.append(process)
        except (psutil.Error, OSError):  # it ended, or it is another user's
            continue
    return found


def numbered(pid: int) -> list[Process]:
    """The process of this number, none where it has ended."""
    import psutil

    try:
        return [psutil.Process(pid)]
    except psutil.NoSuchProcess:
        return []


def leading_sessions(processes: list[Process]) -> list[Process]:
    """Those that have a session of their own."""
    found = []
    for process in processes:
        with contextlib.suppress(OSError):  # it ended
            if os.getsid(process.pid) == process.pid:
                found.append(process)
    return found


def ask_to_end(processes: list[Process]) -> None:
    """Send each SIGTERM."""
    import psutil

    for process in processes:
        with contextlib.suppress(psutil.Error):  # it ended
            process.terminate()


def see_off(processes: list[Process], patience: float) -> None:
    """Wait for processes to end, at most patience seconds, and kill those that do not."""
    import psutil

    _, alive = psutil.wait_procs(processes, timeout=patience)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=patience)

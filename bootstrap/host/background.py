"""A command that runs beside us until it is ended: a server, with its log in a file."""

from __future__ import annotations

import contextlib
import dataclasses
import signal
import subprocess
import sys
from pathlib import Path

from bootstrap.core.writing import writing
from bootstrap.host import command
from bootstrap.host.command import GRACE, Command

GROUP_LEADER = Path(__file__).with_name("group_leader.py")

TAIL_BYTES = 16 * 1024
"""How much of the end of a log is read for its last lines."""


class Background:
    """A running command. It also ends when the thread that started it ends, however that happens.

    deadline and root of the command have no meaning here: it runs until it ends or is ended.
    """

    def __init__(self, what: Command, log: Path) -> None:
        """Start it. Raises BootstrapError E-COMMAND-MISSING, E-WRITE or E-DISK-FULL."""
        self._command = what
        self._log = log
        leader = (sys.executable, "-IS", str(GROUP_LEADER))
        leading = dataclasses.replace(what, argv=(*leader, *what.argv))
        with writing(log), log.open("wb") as output:
            self._process = command.start(leading, output)

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs."""
        return self._process.poll()

    def last_lines(self, count: int) -> tuple[str, ...]:
        """The end of its log, without secrets and empty lines."""
        return tuple(map(self._command.redacted, last_lines(self._log, count)))

    def end(self) -> None:
        """Ask it to end, wait, and kill what is left of its group. Safe to call again."""
        self._process.terminate()  # its leader hands it on
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)
        command.signal_group(self._process, signal.SIGKILL)
        self._process.wait()


def last_lines(log: Path, count: int) -> tuple[str, ...]:
    """The end of a log file without empty lines; nothing where there is no file."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ()
    return tuple(line for line in text.splitlines() if line.strip())[-count:]

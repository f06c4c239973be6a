"""A command is frozen data before it is a process; this is the one module that starts processes."""

from __future__ import annotations

import dataclasses
import os
import shlex
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError
from bootstrap.core.writing import writing

HIDDEN = "********"
GRACE = 8.0
"""Seconds between asking a child to stop and killing it: apt and Compose finish a file in that."""

LINES_IN_ERROR = 8

OF_ROOT = "/usr/local/sbin:/usr/sbin:/sbin"
"""Folders with programs for root, which sudo looks into and Debian leaves out of a user's PATH."""


@dataclass(frozen=True, slots=True)
class Command:
    """An argument list with its surroundings. `str()` of it is fit for a log.

    env is added to the environment of this process; deadline is in seconds; secrets are hidden
    wherever the command or its output is shown; outlives_us is for daemons, everything else ends
    with this process, whatever ends it. isolated: env is all the environment that it gets.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    deadline: float = 600.0
    secrets: tuple[str, ...] = ()
    root: bool = False
    outlives_us: bool = False
    isolated: bool = False

    def __str__(self) -> str:
        prefix = "sudo " if self.root and os.geteuid() != 0 else ""
        return prefix + self.redacted(shlex.join(self.argv))

    def redacted(self, text: str) -> str:
        """The text with every secret of this command hidden."""
        for secret in self.secrets:
            text = text.replace(secret, HIDDEN)
        return text


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended. output holds stdout and stderr as they came."""

    command: Command
    code: int
    output: str

    @property
    def last_lines(self) -> str:
        """The end of the output, for an error."""
        return "\n".join(self.output.strip().splitlines()[-LINES_IN_ERROR:])


OnLine = Callable[[str], None]


def run(command: Command, cancel: Cancel, on_line: OnLine | None = None) -> Result:
    """Run to the end and say how it ended; a code other than 0 is not an error here.

    Each line of output goes to on_line as it comes. Raises Interrupted when cancelled (the child
    and its children are stopped first), BootstrapError E-COMMAND-MISSING where there is no such
    program and E-COMMAND-DEADLINE where it did not end in time.
    """
    cancel.check()
    process = start(command)
    lines: list[str] = []
    reader = threading.Thread(target=_read, args=(process.stdout, command, lines, on_line))
    reader.start()
    try:
        with cancel.on_request(lambda: signal_group(process, signal.SIGTERM)):
            code = _wait(process, command, cancel)
    finally:
        if process.poll() is None:
            signal_group(process, signal.SIGKILL)
            process.wait()
        reader.join(GRACE)
    cancel.check()
    return Result(command, code, "".join(lines))


def check(command: Command, cancel: Cancel, on_line: OnLine | None = None) -> Result:
    """As run(), but a code other than 0 raises BootstrapError E-COMMAND-FAILED."""
    result = run(command, cancel, on_line)
    if result.code != 0:
        raise BootstrapError(
            "E-COMMAND-FAILED",
            f"`{command}` ended with code {result.code}\n{result.last_lines}".rstrip(),
            where=command.argv[0],
        )
    return result


def query(
    argv: tuple[str, ...], env: Mapping[str, str] | None = None, deadline: float = 10.0
) -> Result:
    """Ask something read-only and quick. A program that is missing or slow counts as code 127."""
    command = Command(argv, env or {}, deadline=deadline)
    try:
        done = subprocess.run(
            argv,
            env={**os.environ, "LC_ALL": "C.UTF-8", **command.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=deadline,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Result(command, 127, str(error))
    return Result(command, done.returncode, done.stdout.decode(errors="replace"))


def start(command: Command, output: int | IO[bytes] = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """Start a command as the leader of a process group; what it says goes to output.

    It gets SIGTERM when the thread that started it ends (PR_SET_PDEATHSIG). Raises BootstrapError
    E-COMMAND-MISSING.
    """
    argv = list(command.argv)
    # sudo clears the environment, so what the command needs is set behind it, by env.
    inherited = {} if command.isolated else os.environ
    environment = {**inherited, "LC_ALL": "C.UTF-8", **command.env}
    if command.root:
        environment["PATH"] = f"{environment.get('PATH', os.defpath)}:{OF_ROOT}"
    if command.root and os.geteuid() != 0:
        argv = ["sudo", "-n", "--", "env", *(f"{k}={v}" for k, v in command.env.items()), *argv]
    elif not command.outlives_us and (setpriv := shutil.which("setpriv")):
        # Also when this process is killed outright, no child goes on writing behind its back.
        argv = [setpriv, "--pdeathsig", "TERM", "--", *argv]
    if shutil.which(command.argv[0], path=environment.get("PATH")) is None:
        raise BootstrapError(
            "E-COMMAND-MISSING",
            f"there is no program {command.argv[0]!r} on this machine",
            remedy=f"install it: sudo apt-get install {Path(command.argv[0]).name}",
        )
    return subprocess.Popen(
        argv,
        env=environment,
        cwd=command.cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        # A group of its own, to be ended as a whole; not a session of its own, for sudo ties the
        # password that was typed to terminal and session (sudoers(5), timestamp_type).
        process_group=0,
    )


def detach(command: Command, log: Path) -> None:
    """Start a daemon in a session of its own, which goes on when we and our terminal are gone.

    What it says goes to the log. Raises BootstrapError E-COMMAND-MISSING, E-WRITE or E-DISK-FULL.
    """
    apart = dataclasses.replace(
        command, argv=("setsid", "--fork", "--", *command.argv), outlives_us=True
    )
    with writing(log), log.open("wb") as output:
        start(apart, output).wait()


def _read(
    stream: IO[bytes] | None, command: Command, lines: list[str], on_line: OnLine | None
) -> None:
    if stream is None:
        return
    before = ""
    with stream:
        for raw in stream:
            line = command.redacted(raw.decode(errors="replace"))
            lines.append(line)
            shown = line.rstrip().rpartition("\r")[2]  # a progress bar redraws itself behind a \r
            if on_line and shown and shown != before:
                before = shown
                on_line(shown)


def _wait(process: subprocess.Popen[bytes], command: Command, cancel: Cancel) -> int:
    ends = time.monotonic() + command.deadline
    stopping: float | None = None
    while True:
        try:
            return process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            pass
        now = time.monotonic()
        if cancel.requested and stopping is None:
            stopping = now
        if stopping is not None and now - stopping > GRACE:
            signal_group(process, signal.SIGKILL)
        if now > ends:
            signal_group(process, signal.SIGTERM)
            raise BootstrapError(
                "E-COMMAND-DEADLINE",
                f"`{command}` did not end within {command.deadline:.0f} s",
                where=command.argv[0],
            )


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to what start() started and to all its children that are in its group."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
    except PermissionError:  # behind sudo it runs as root
        stop = ("sudo", "-n", "kill", f"-{number.value}", "--", f"-{process.pid}")
        subprocess.run(stop, check=False, capture_output=True)

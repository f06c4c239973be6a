"""Root through sudo: whether it is there, asking for the password once, keeping it valid."""

from __future__ import annotations

import contextlib
import enum
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import RequirementError
from bootstrap.host import command

REFRESH_INTERVAL = 60.0
"""Seconds between two refreshes: sudo forgets a password after 5 to 15 minutes (sudoers(5))."""

QUERY_DEADLINE = 3.0
"""Seconds for a sudo that asks nothing; it may look the host name up."""


class SudoState(enum.Enum):
    """Whether commands can run as root."""

    ROOT = "we are root"
    PASSWORDLESS = "sudo asks nothing now"
    NEEDS_PASSWORD = "sudo asks for a password"  # noqa: S105 - says that one is asked for
    NOT_ALLOWED = "this user may not use sudo"
    MISSING = "sudo is not installed"


def available() -> SudoState:
    """Whether commands can run as root now; asks nothing, a few milliseconds.

    sudo says of most users that it needs a password before it looks whether they are allowed, so
    NEEDS_PASSWORD may turn out as NOT_ALLOWED when it was given.
    """
    if os.geteuid() == 0:
        return SudoState.ROOT
    if shutil.which("sudo") is None:
        return SudoState.MISSING
    said = command.query(("sudo", "-n", "true"), deadline=QUERY_DEADLINE)
    return state_of(said.code, said.output)


def state_of(code: int, said: str) -> SudoState:
    """What the code and the words of `sudo -n true` mean; sudo and sudo-rs word it differently."""
    if code == 0:
        return SudoState.PASSWORDLESS
    if "is required" in said or "no askpass" in said:
        return SudoState.NEEDS_PASSWORD
    return SudoState.NOT_ALLOWED


def has_terminal() -> bool:
    """Whether a person can be asked: sudo asks on the controlling terminal, whatever stdin is."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def refusal(
    state: SudoState, commands: Sequence[str], *, ask_possible: bool
) -> RequirementError | None:
    """The error (E-SUDO) where these commands cannot get root; None where they can."""
    why = {
        SudoState.NOT_ALLOWED: "this user may not use sudo",
        SudoState.MISSING: "sudo is not installed and we are not root",
    }.get(state, "")
    if state is SudoState.NEEDS_PASSWORD and not ask_possible:
        why = "sudo asks for a password, and there is no terminal to ask on"
    if not why or not commands:
        return None
    return RequirementError(
        "E-SUDO",
        f"{why}; {len(commands)} command(s) have to run as root",
        where="; ".join(commands),
        remedy="run this in a terminal as a user with sudo, or let an administrator run these"
        " commands and then run this again",
    )


def ask(commands: Sequence[str], console_write: Callable[[str], object], cancel: Cancel) -> None:
    """Say exactly which commands will run as root, then let sudo ask for the password once.

    Nothing is said or asked where there are none or where we are root. console_write gets one line
    at a time, without a newline. Raises RequirementError E-SUDO where root cannot be had, and
    Interrupted where the person gave up.
    """
    state = available()
    if not commands or state is SudoState.ROOT:
        return
    if error := refusal(state, commands, ask_possible=has_terminal()):
        raise error
    console_write("These commands run as root, through sudo; nothing else does:")
    for line in commands:
        console_write(f"  {line}")
    if state is SudoState.NEEDS_PASSWORD:
        _validate(cancel)
        if available() is not SudoState.PASSWORDLESS:
            cancel.check()
            raise RequirementError(
                "E-SUDO",
                "sudo did not accept the password, or this user may not use sudo",
                remedy="check with `sudo -v` in this terminal, then run this again",
            )


def _validate(cancel: Cancel) -> None:
    """`sudo -v` on the terminal: the one process of ours that a person types into."""
    with subprocess.Popen(("sudo", "-v")) as process:

        def stop() -> None:
            with contextlib.suppress(OSError):
                process.terminate()

        with cancel.on_request(stop):
            process.wait()
    cancel.check()


@contextmanager
def keep_alive(interval: float = REFRESH_INTERVAL) -> Iterator[None]:
    """While inside, keep sudo from forgetting the password; does nothing where we are root."""
    if os.geteuid() == 0 or shutil.which("sudo") is None:
        yield
        return
    ended = threading.Event()

    def refresh() -> None:
        while not ended.wait(interval):
            command.query(("sudo", "-n", "-v"), deadline=QUERY_DEADLINE)

    threading.Thread(target=refresh, name="sudo-keep-alive", daemon=True).start()
    try:
        yield
    finally:
        ended.set()

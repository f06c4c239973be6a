from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import RequirementError
from bootstrap.host import sudo
from bootstrap.host.sudo import SudoState, ask, available, keep_alive, refusal, state_of

COMMANDS = ("sudo apt-get update", "sudo apt-get install docker.io")


@pytest.mark.parametrize(
    ("code", "said", "state"),
    [
        (0, "", SudoState.PASSWORDLESS),
        (1, "sudo: a password is required", SudoState.NEEDS_PASSWORD),
        (1, "sudo: interactive authentication is required", SudoState.NEEDS_PASSWORD),
        (1, "sudo: a terminal is required to read the password", SudoState.NEEDS_PASSWORD),
        (1, "Sorry, user ann may not run sudo on vm.", SudoState.NOT_ALLOWED),
        (1, 'sudo: The "no new privileges" flag is set', SudoState.NOT_ALLOWED),
        (127, "timed out", SudoState.NOT_ALLOWED),
    ],
)
def test_what_sudo_says(code: int, said: str, state: SudoState) -> None:
    assert state_of(code, said) is state


@pytest.mark.parametrize(
    ("state", "ask_possible", "refused"),
    [
        (SudoState.ROOT, False, False),
        (SudoState.PASSWORDLESS, False, False),
        (SudoState.NEEDS_PASSWORD, True, False),
        (SudoState.NEEDS_PASSWORD, False, True),
        (SudoState.NOT_ALLOWED, True, True),
        (SudoState.MISSING, True, True),
    ],
)
def test_when_root_cannot_be_had(state: SudoState, ask_possible: bool, refused: bool) -> None:
    error = refusal(state, COMMANDS, ask_possible=ask_possible)
    assert (error is not None) is refused
    assert refusal(state, (), ask_possible=ask_possible) is None
    if error:
        assert (error.code, error.exit_code) == ("E-SUDO", 3)
        assert COMMANDS[1] in error.where


def test_root_is_asked_nothing() -> None:
    said: list[str] = []
    assert available() is SudoState.ROOT
    ask(COMMANDS, said.append, Cancel())
    with keep_alive():
        pass
    assert said == []


@pytest.fixture
def user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder in front of PATH for a sudo of the test's own; we count as an ordinary user."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("SUDO_LAB", str(tmp_path))
    return tmp_path


def sudo_program(folder: Path, script: str) -> None:
    (folder / "sudo").write_text(f'#!/bin/sh\necho "$*" >> "$SUDO_LAB/calls"\n{script}\n')
    (folder / "sudo").chmod(0o755)


def test_without_sudo(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(user))
    assert available() is SudoState.MISSING


def test_a_password_is_asked_for_once_after_saying_what_for(
    user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sudo_program(
        user,
        'case "$*" in -v) touch "$SUDO_LAB/given" ;; *) [ -e "$SUDO_LAB/given" ] || '
        '{ echo "sudo: a password is required" >&2; exit 1; } ;; esac',
    )
    monkeypatch.setattr(sudo, "has_terminal", lambda: True)
    said: list[str] = []
    ask(COMMANDS, said.append, Cancel())
    assert said[1:] == [f"  {line}" for line in COMMANDS]
    assert (user / "calls").read_text().splitlines() == ["-n true", "-v", "-n true"]


def test_a_password_that_sudo_refuses(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sudo_program(user, 'echo "sudo: a password is required" >&2; exit 1')
    monkeypatch.setattr(sudo, "has_terminal", lambda: True)
    with pytest.raises(RequirementError, match="did not accept"):
        ask(COMMANDS, lambda _: None, Cancel())


def test_no_terminal_to_ask_on(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sudo_program(user, 'echo "sudo: a password is required" >&2; exit 1')
    monkeypatch.setattr(sudo, "has_terminal", lambda: False)
    with pytest.raises(RequirementError, match="no terminal to ask on"):
        ask(COMMANDS, lambda _: None, Cancel())


def test_sudo_is_kept_alive_while_inside(user: Path) -> None:
    sudo_program(user, "exit 0")
    with keep_alive(interval=0.02):
        ends = time.monotonic() + 5
        while time.monotonic() < ends and not (user / "calls").exists():
            time.sleep(0.02)
    time.sleep(0.1)
    calls = (user / "calls").read_text().splitlines()
    assert set(calls) == {"-n -v"}
    time.sleep(0.1)
    assert (user / "calls").read_text().splitlines() == calls


def test_a_process_without_a_terminal_knows_it() -> None:
    code = "from bootstrap.host.sudo import has_terminal; print(has_terminal())"
    done = subprocess.run(
        (sys.executable, "-c", code), start_new_session=True, capture_output=True, check=True
    )
    assert done.stdout == b"False\n"

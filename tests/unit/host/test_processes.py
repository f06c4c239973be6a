"""Finding and ending real processes."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bootstrap.host.processes import ask_to_end, leading_sessions, see_off, with_variable

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
Sleeper = subprocess.Popen[bytes]


@pytest.fixture
def marked(tmp_path: Path) -> Iterator[Sleeper]:
    with sleeping(STUBBORN, tmp_path) as process:
        yield process


@contextmanager
def sleeping(code: str, folder: Path, *, own_session: bool = False) -> Iterator[Sleeper]:
    process = subprocess.Popen(
        (sys.executable, "-c", f"{code}; print(flush=True); time.sleep(600)"),
        env={"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        start_new_session=own_session,
    )
    with process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process
        finally:
            process.kill()


def test_processes_are_found_by_a_variable_and_seen_off(marked: Sleeper, tmp_path: Path) -> None:
    found = with_variable("TMPDIR", str(tmp_path))
    assert [process.pid for process in found] == [marked.pid]
    assert with_variable("TMPDIR", str(tmp_path / "another")) == []
    see_off(found, 0.2)
    assert not found[0].is_running()
    see_off(found, 0.2)  # again: there is nobody left


def test_only_those_with_a_session_of_their_own_are_asked_to_end(
    marked: Sleeper, tmp_path: Path
) -> None:
    with sleeping("import time", tmp_path, own_session=True) as apart:
        found = with_variable("TMPDIR", str(tmp_path))
        assert {process.pid for process in found} == {marked.pid, apart.pid}
        leading = leading_sessions(found)
        assert [process.pid for process in leading] == [apart.pid]
        ask_to_end(leading)
        assert apart.wait(20) == -signal.SIGTERM
        assert leading_sessions(leading) == []
        ask_to_end(leading)  # again: there is nobody left

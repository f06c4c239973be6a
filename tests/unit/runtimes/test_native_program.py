"""The script of a service, run by a real shell: what reaches its program, what its end leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from bootstrap.runtimes.native.program import Program

SERVER = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("asked", flush=True), sys.exit(5)))
subprocess.Popen(["sleep", "86399"])
print("ready", flush=True)
time.sleep(600)
"""
"""As `mlflow server` is: it starts another program, and does not end it."""


@contextmanager
def started(folder: Path, code: str) -> Iterator[tuple[subprocess.Popen[str], psutil.Process]]:
    """The leader and its program, once that is ready."""
    program = Program("server", (sys.executable, "-c", code), {"PATH": os.environ["PATH"]})
    script = folder / "server.sh"
    script.write_text(program.script)
    leader = subprocess.Popen(
        ["sh", str(script)], stdout=subprocess.PIPE, text=True, process_group=0
    )
    with leader:
        try:
            assert leader.stdout is not None
            assert leader.stdout.readline() == "ready\n"
            found = psutil.Process(leader.pid).children(recursive=True)
            yield leader, next(p for p in found if p.cmdline()[:1] == [sys.executable])
        finally:
            if soon(lambda: group(leader.pid) == []):
                leader.wait()
            else:
                os.killpg(leader.pid, signal.SIGKILL)


def group(number: int) -> list[psutil.Process]:
    """What lives of a process group."""
    found = []
    for process in psutil.process_iter():
        try:
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and os.getpgid(process.pid) == number:
                found.append(process)
        except (psutil.Error, ProcessLookupError):
            continue
    return found


def soon(what: Callable[[], bool]) -> bool:
    ends = time.monotonic() + 20
    while not what():
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("victim", ["leader", "program"])
def test_of_a_killed_service_nothing_is_left(victim: str, tmp_path: Path) -> None:
    with started(tmp_path, SERVER) as (leader, program):
        assert len(group(leader.pid)) > 3
        (leader if victim == "leader" else program).kill()
        assert soon(lambda: group(leader.pid) == [])


def test_a_service_that_is_asked_to_end_does_so_itself(tmp_path: Path) -> None:
    with started(tmp_path, SERVER) as (leader, _):
        leader.terminate()
        assert leader.stdout is not None
        assert leader.stdout.readline() == "asked\n"
        assert leader.stdout.read() == ""  # asked once
        assert leader.wait(20) == 5


AWKWARD = "a 'quoted' \"$HOME\" `name`; # %d"


def test_a_script_hands_over_variables_and_arguments_as_they_are(tmp_path: Path) -> None:
    code = "import os, sys; print(os.environ['ODD']); print(sys.argv[1]); sys.exit(3)"
    program = Program("odd", (sys.executable, "-c", code, AWKWARD), {"ODD": AWKWARD})
    (tmp_path / "odd.sh").write_text(program.script)
    done = subprocess.run(
        ["sh", str(tmp_path / "odd.sh")],
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        env={"PATH": os.environ["PATH"]},
        timeout=60,
    )
    assert done.stdout.splitlines() == [AWKWARD, AWKWARD]
    assert done.returncode == 3

"""What the supervisor, a real one, does with programs: restarts them, keeps their logs short, and
never leaves one behind."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import psutil
import pytest

from bootstrap.host.supervisor import Process, Supervisor
from bootstrap.runtimes.native import program
from bootstrap.runtimes.native.program import Program
from bootstrap.runtimes.native.stack import NativeStack

LIMIT = 50_000
PIECE = 1 << 17
"""A log is moved away after it got longer than it may be, by what is read at once at the most."""

FIRST, LAST = "<0>", "<999>"

TALK = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for number in range(1000):
    print(f"<{number}>", "." * 1000)
time.sleep(600)
"""


class Talkers(NativeStack):
    """The services, but every one of them only talks, and does not heed SIGTERM."""

    def programs(self, worker_port: int) -> tuple[Program, ...]:
        real = super().programs(worker_port)
        return tuple(replace(p, argv=(sys.executable, "-uc", TALK)) for p in real)


@pytest.fixture
def stack(stack: NativeStack, monkeypatch: pytest.MonkeyPatch) -> NativeStack:
    monkeypatch.setattr(program, "LOG_BYTES", LIMIT)
    monkeypatch.setattr(program, "STOPS", 1)
    return Talkers(**{name: getattr(stack, name) for name in NativeStack.__match_args__})


@pytest.fixture
def daemon(stack: NativeStack) -> Iterator[psutil.Popen]:
    for folder in (stack.logs, stack.data, stack.temporary):
        folder.mkdir(parents=True)
    for one in stack.programs(0):
        (stack.folder / f"{one.name}.sh").write_text(one.script)
    stack.configuration.write_text(stack.config)
    argv = [sys.executable, "-m", "supervisor.supervisord", "-c", stack.configuration.name]
    with psutil.Popen(argv, cwd=stack.folder, stdout=subprocess.DEVNULL) as started:
        try:
            assert soon(lambda: len(running(stack)) == len(stack.programs(0)))
            yield started
        finally:
            started.kill()


def texts(stack: NativeStack) -> list[str]:
    return [file.read_text() for file in stack.logs.glob("mlflow.log*")]


def running(stack: NativeStack) -> dict[str, Process]:
    """The programs that have a process that has said something."""
    there = Supervisor(stack.socket).processes() or ()
    return {p.name: p for p in there if p.pid and (stack.logs / f"{p.name}.log").exists()}


def soon(what: Callable[[], bool]) -> bool:
    ends = time.monotonic() + 20
    while not what():
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)
    return True


def test_logs_are_kept_short(stack: NativeStack, daemon: psutil.Popen) -> None:
    assert soon(lambda: LAST in "".join(texts(stack)))
    assert soon(lambda: len(texts(stack)) == 1 + program.LOG_BACKUPS)
    assert max(map(len, texts(stack))) < LIMIT + PIECE
    assert FIRST not in "".join(texts(stack))


def test_a_killed_program_is_started_again(stack: NativeStack, daemon: psutil.Popen) -> None:
    before = running(stack)
    psutil.Process(before["prefect"].pid).kill()
    assert soon(lambda: running(stack).get("prefect", before["prefect"]) != before["prefect"])
    assert running(stack)["mlflow"] == before["mlflow"]


def test_one_that_does_not_heed_is_killed_with_the_supervisors_end(
    stack: NativeStack, daemon: psutil.Popen
) -> None:
    programs = [psutil.Process(process.pid) for process in running(stack).values()]
    assert len(programs) == len(stack.programs(0))
    daemon.kill()
    _, alive = psutil.wait_procs(programs, timeout=10)
    assert alive == []

"""What runs beside us ends with us, with its children, however we end."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from bootstrap.core.errors import BootstrapError
from bootstrap.host.background import Background
from bootstrap.host.command import HIDDEN, Command

SERVER = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(96)'])
print('secret s3cret', flush=True)
print(os.getpid(), child.pid, os.environ.get('HOME'), flush=True)
child.wait()
"""
"""A process that leaves its child behind where it alone is told to end, as `mlflow server` does."""

DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVER


def server(text: str = SERVER) -> Command:
    return Command((sys.executable, "-c", text), secrets=("s3cret",), isolated=True)


def pids(log: Path) -> list[psutil.Process]:
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        lines = log.read_text().splitlines() if log.exists() else []
        if len(lines) > 1:
            return [psutil.Process(int(pid)) for pid in lines[1].split()[:2]]
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=15)
    return all(process.status() == psutil.STATUS_ZOMBIE for process in alive)


def test_it_ends_with_its_children_and_its_log_stays(tmp_path: Path) -> None:
    log = tmp_path / "log"
    running = Background(server(), log)
    processes = pids(log)
    assert running.code is None
    assert running.last_lines(2)[0] == f"secret {HIDDEN}"
    assert running.last_lines(1)[0].endswith(" None")  # isolated: nothing of our environment
    running.end()
    running.end()
    assert gone(processes)
    assert running.code is not None


def test_what_ended_by_itself_says_its_code_and_last_words(tmp_path: Path) -> None:
    running = Background(server("import sys; print('why'); print(); sys.exit(3)"), tmp_path / "log")
    ends = time.monotonic() + 10
    while running.code is None and time.monotonic() < ends:
        time.sleep(0.05)
    assert running.code == 3
    assert running.last_lines(5) == ("why",)
    running.end()


def test_it_hears_an_interrupt(tmp_path: Path) -> None:
    """Prefect's worker ends by sending one to itself."""
    told = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    running = Background(server(told), tmp_path / "log")
    ends = time.monotonic() + 10
    while running.code is None and time.monotonic() < ends:
        time.sleep(0.05)
    assert running.last_lines(1) == ("True",)
    running.end()


def test_what_ignores_the_question_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bootstrap.host.background.GRACE", 0.5)
    running = Background(server(DEAF), tmp_path / "log")
    processes = pids(tmp_path / "log")
    running.end()
    assert gone(processes)


@pytest.mark.parametrize("text", ["SERVER", "DEAF"])
def test_it_ends_when_this_tool_is_killed_outright(tmp_path: Path, text: str) -> None:
    script = (
        "import time\nfrom pathlib import Path\nfrom bootstrap.host.background import Background\n"
        f"from tests.unit.host.test_background import {text}, server\n"
        f"Background(server({text}), Path({str(tmp_path / 'log')!r}))\ntime.sleep(95)"
    )
    root = Path(__file__).parents[3]
    tool = psutil.Popen([sys.executable, "-c", script], cwd=root)
    processes = pids(tmp_path / "log")
    os.kill(tool.pid, signal.SIGKILL)
    tool.wait()
    assert gone(processes)


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(BootstrapError) as caught:
        Background(server(), tmp_path / "absent" / "log")
    assert caught.value.code == "E-WRITE"

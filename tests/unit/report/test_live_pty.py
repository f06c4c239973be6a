"""The live display in a real terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"
ROOT = Path(__file__).parents[3]


def run(ending: str, rows: int, columns: int, **extra: str) -> tuple[int, str]:
    """Exit code and all that the terminal was sent."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (rows, columns))
    environ = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8", **extra}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.report.fake_run", ending],
        stdin=slave, stdout=slave, stderr=slave, env=environ, cwd=ROOT, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    sent = _everything(master, ctrl_c=ending == "wait")
    os.close(master)
    return process.wait(20), sent


def _everything(master: int, *, ctrl_c: bool) -> str:
    sent = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # how Linux says that the other side is closed
            return sent.decode()
        if not piece:
            return sent.decode()
        sent += piece
        if ctrl_c and b"wheels" in sent:
            ctrl_c = False
            time.sleep(0.3)
            os.write(master, b"\x03")


@pytest.mark.parametrize(("rows", "columns"), [(24, 100), (24, 40), (6, 60)])
def test_good_run(rows: int, columns: int) -> None:
    code, sent = run("good", rows, columns)
    assert code == 0, sent
    _is_tidy(sent)
    last_picture = sent.rpartition("\x1b[2K")[2]
    for title in ("System packages", "Docker Compose", "Health", "all 8 done", "the result"):
        assert title in last_picture
    assert "a library says so" in sent


def test_failing_run() -> None:
    code, sent = run("bad", 24, 80)
    assert code == 0, sent
    _is_tidy(sent)
    assert "explain E-DIGEST" in sent.rpartition("\x1b[2K")[2]


def test_ctrl_c() -> None:
    code, sent = run("wait", 24, 80)
    assert code == 130, sent
    _is_tidy(sent)
    assert "goes on from here" in sent.rpartition("\x1b[2K")[2]


def test_no_color() -> None:
    code, sent = run("bad", 24, 80, NO_COLOR="1")
    assert code == 0, sent
    _is_tidy(sent)
    assert not any(f"[{style}m" in sent for style in (31, 32, 33, 36, "1;31"))


def test_ci_gets_plain_lines() -> None:
    code, sent = run("good", 24, 80, CI="true")
    assert code == 0, sent
    assert HIDE not in sent
    assert "Course environment: done in 41.0 s: 292 packages" in sent


def _is_tidy(sent: str) -> None:
    assert sent.count(HIDE) == sent.count(SHOW) == 1
    assert sent.index(HIDE) < sent.index(SHOW)
    assert "Traceback" not in sent

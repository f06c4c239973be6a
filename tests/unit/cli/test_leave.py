"""How a process ends: at once, with all that was said, and with the right code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LEAVING = """
import atexit, sys
from bootstrap.cli.leave import leave
atexit.register(print, "late")
print("said", end="")
print("warned", end="", file=sys.stderr)
leave(int(sys.argv[1]))
"""
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def test_what_was_said_is_out_and_python_is_not_taken_apart() -> None:
    words = [sys.executable, "-c", LEAVING, "7"]
    done = subprocess.run(
        words, cwd=ROOT, env=BUFFERED, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (7, "said", "warned")


@pytest.mark.parametrize(
    ("code", "where", "found"),
    [
        ("0", "| true", 128 + 13),
        ("7", "| true", 128 + 13),
        ("0", "> /dev/full", 1),
        ("7", "> /dev/full", 7),
        ("7", ">&-", 7),
    ],
)
def test_where_nobody_reads_it_is_quiet(code: str, where: str, found: int) -> None:
    # The pipe is to be closed when the first byte is written.
    script = LEAVING.replace("print(", "import time; time.sleep(0.3); print(", 1)
    line = f"'{sys.executable}' -c '{script}' {code} {where}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, env=BUFFERED, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (found, "warned")

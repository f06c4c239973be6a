"""Finding and ending real processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrap.host.processes import see_off, with_variable

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


@pytest.fixture
def marked(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    argv = (sys.executable, "-c", STUBBORN)
    with subprocess.Popen(argv, env={"TMPDIR": str(tmp_path)}) as process:
        yield process
        process.kill()


def test_processes_are_found_by_a_variable_and_seen_off(
    marked: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    found = with_variable("TMPDIR", str(tmp_path))
    assert [process.pid for process in found] == [marked.pid]
    assert with_variable("TMPDIR", str(tmp_path / "another")) == []
    see_off(found, 0.2)
    assert not found[0].is_running()
    see_off(found, 0.2)  # again: there is nobody left

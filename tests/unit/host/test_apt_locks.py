from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError, Interrupted, UsageError
from bootstrap.core.events import Event, StepNote
from bootstrap.core.step import Job
from bootstrap.host.apt_locks import (
    LOCK_DEADLINE,
    WAIT_VARIABLE,
    LockHolder,
    Patience,
    held_by,
    holder_of_locks,
    lock_deadline,
)

HOLD = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""

LOCKS = """\
1: POSIX  ADVISORY  WRITE 812 fe:00:2146311 0 EOF
1: -> POSIX  ADVISORY  WRITE 900 fe:00:2146311 0 EOF
2: FLOCK  ADVISORY  WRITE 32030 08:11:77 0 EOF
3: OFDLCK ADVISORY  READ -1 00:06:3 0 EOF
"""


@contextmanager
def held(path: Path) -> Iterator[int]:
    """The file at path locked by another process, the way apt does it; gives its id."""
    command = (sys.executable, "-c", HOLD, str(path))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        try:
            yield process.pid
        finally:
            process.communicate(timeout=10)


def job(events: list[Event], cancel: Cancel | None = None) -> Job:
    return Job("packages", events.append, cancel or Cancel())


def test_the_table_of_locks() -> None:
    assert held_by(LOCKS) == {(0xFE, 0, 2146311): 812, (8, 0x11, 77): 32030, (0, 6, 3): 0}


def test_a_real_lock_is_found_with_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with held(path) as pid:
        found = holder_of_locks((tmp_path / "absent", path))
        name = Path(f"/proc/{pid}/comm").read_text().strip()
    assert found == LockHolder(pid, name)
    assert str(found) == f"{name} (process {pid})"
    assert holder_of_locks((path,)) is None


def test_no_table_of_locks_is_nobody(tmp_path: Path) -> None:
    assert holder_of_locks((tmp_path,), proc=tmp_path) is None


def test_waiting_says_for_whom_and_gives_up_at_the_deadline() -> None:
    events: list[Event] = []
    patience = Patience(job(events), deadline=0.7)
    holder = LockHolder(812, "unattended-upgr")
    patience.wait_for(holder)
    patience.wait_for(holder)
    with pytest.raises(BootstrapError) as raised:
        patience.wait_for(holder)
    notes = [event.text for event in events if isinstance(event, StepNote)]
    assert notes == [
        "apt: waiting for unattended-upgr (process 812), 0 s so far, giving up after 1 s"
    ]
    assert raised.value.code == "E-APT-LOCKED"
    assert "unattended-upgr (process 812)" in raised.value.what
    assert "do not delete the lock files" in raised.value.remedy


def test_waiting_ends_when_the_run_is_cancelled() -> None:
    cancel = Cancel()
    patience = Patience(job([], cancel), deadline=60)
    threading.Timer(0.1, cancel.request).start()
    started = time.monotonic()
    with pytest.raises(Interrupted):
        patience.wait_for(LockHolder())
    assert time.monotonic() - started < 0.4


def test_how_long_to_wait_can_be_chosen() -> None:
    assert lock_deadline({}) == lock_deadline({WAIT_VARIABLE: ""}) == LOCK_DEADLINE
    assert lock_deadline({WAIT_VARIABLE: "0"}) == 0.0
    assert lock_deadline({WAIT_VARIABLE: "5"}) == 5.0


@pytest.mark.parametrize("text", ["soon", "-1", "1e3", "nan", " "])
def test_a_time_to_wait_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        lock_deadline({WAIT_VARIABLE: text})
    assert (caught.value.code, caught.value.where) == ("E-VARIABLE", WAIT_VARIABLE)

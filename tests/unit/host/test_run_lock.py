import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bootstrap.core.errors import LockedError
from bootstrap.host.run_lock import run_lock

HOLDER = """
import sys, time
from pathlib import Path
from bootstrap.host.run_lock import run_lock
with run_lock(Path(sys.argv[1]), "mlops-bootstrap up"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_run_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockedError) as caught, run_lock(tmp_path, "mlops-bootstrap up"):
            pass
        assert caught.value.exit_code == 4
        assert f"`mlops-bootstrap up` (process {holder.pid}" in caught.value.what
        # What an earlier run of another user left: the kernel knows better.
        (tmp_path / "mlops-bootstrap.lock").write_text('{"pid": 1, "command": "up", "since": 0}')
        with pytest.raises(LockedError, match=f"process {holder.pid}"), run_lock(tmp_path, "up"):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with run_lock(tmp_path, "mlops-bootstrap down"):  # the kernel dropped it with its holder
            said = json.loads((tmp_path / "mlops-bootstrap.lock").read_text())
    assert said["pid"] == os.getpid()


def test_a_lock_file_that_says_nothing_useful_still_locks(tmp_path: Path) -> None:
    with run_lock(tmp_path, "up"):
        (tmp_path / "mlops-bootstrap.lock").write_text("{not json")
        with pytest.raises(LockedError, match="another process"), run_lock(tmp_path, "up"):
            pass

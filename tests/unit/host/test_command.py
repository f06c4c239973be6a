import os
import signal
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError, Interrupted
from bootstrap.host.command import HIDDEN, Command, check, query, run

SLEEPER = (
    "import subprocess; child = subprocess.Popen(['sleep', '97']);"
    " print(child.pid, flush=True); child.wait()"
)


def python(text: str, **more: object) -> Command:
    return Command((sys.executable, "-c", text), **more)  # type: ignore[arg-type]  # test shorthand


def test_lines_come_as_they_are_written_and_secrets_stay_hidden() -> None:
    seen: list[str] = []
    command = python("print('pass s3cret'); print('a\\rb')", secrets=("s3cret",))
    result = check(command, Cancel(), seen.append)
    assert seen == [f"pass {HIDDEN}", "b"]
    assert "s3cret" not in result.output
    assert "s3cret" not in str(python("s3cret", secrets=("s3cret",)))


def test_a_failure_says_the_command_its_code_and_the_last_lines() -> None:
    with pytest.raises(BootstrapError) as caught:
        check(python("import sys; print('why'); sys.exit(3)"), Cancel())
    assert caught.value.code == "E-COMMAND-FAILED"
    assert "ended with code 3\nwhy" in caught.value.what


def test_a_missing_program_is_said_as_that() -> None:
    with pytest.raises(BootstrapError) as caught:
        run(Command(("no-such-program",)), Cancel())
    assert caught.value.code == "E-COMMAND-MISSING"
    assert query(("no-such-program",)).code == 127


def test_a_program_for_root_is_found_where_a_user_has_no_such_folder_on_path() -> None:
    without = {"PATH": "/usr/bin:/bin"}
    with pytest.raises(BootstrapError) as caught:
        run(Command(("usermod", "--help"), without), Cancel())
    assert caught.value.code == "E-COMMAND-MISSING"
    assert run(Command(("usermod", "--help"), without, root=True), Cancel()).code == 0


def test_a_deadline_ends_the_command() -> None:
    started = time.monotonic()
    with pytest.raises(BootstrapError) as caught:
        run(Command(("sleep", "60"), deadline=0.5), Cancel())
    assert caught.value.code == "E-COMMAND-DEADLINE"
    assert time.monotonic() - started < 20


def test_cancelling_ends_the_command_and_its_children() -> None:
    cancel, pids = Cancel(), []

    def on_line(line: str) -> None:
        pids.append(int(line))
        threading.Thread(target=cancel.request, args=(signal.SIGTERM,)).start()

    with pytest.raises(Interrupted) as caught:
        run(python(SLEEPER), cancel, on_line)
    assert caught.value.exit_code == 143
    assert _gone(pids[0])


def test_a_child_ends_when_this_tool_is_killed_outright(tmp_path: Path) -> None:
    script = (
        "from bootstrap.host.command import *; from bootstrap.core.cancel import Cancel\n"
        f"run(Command(('sh', '-c', 'echo $$ > {tmp_path}/pid; exec sleep 98')), Cancel())"
    )
    tool = psutil.Popen([sys.executable, "-c", script])
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        time.sleep(0.05)
    os.kill(tool.pid, signal.SIGKILL)
    tool.wait()
    assert _gone(int((tmp_path / "pid").read_text()))


def _gone(pid: int) -> bool:
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False

"""Where a proof happens, and that nothing is left of it."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from bootstrap.checks.tracking_work import MLFLOW
from bootstrap.core.errors import BootstrapError
from bootstrap.course.load import LoadedCourse
from bootstrap.host.command import Command
from bootstrap.host.host import Host
from bootstrap.proof.servers import Server, watching
from bootstrap.proof.workplace import Workplace, workplace
from tests.unit.jobs import RecordedJob


class Talker(Server):
    """Says something and ends, or stays."""

    name = "talker"
    title = "Talker"
    service = MLFLOW
    path = "/health"

    def __init__(self, place: Workplace, text: str, deadline: int = 20) -> None:
        super().__init__(place, deadline)
        self._text = text

    @property
    def url(self) -> str:
        return self.place.ports.url("mlflow")

    def command(self) -> Command:
        return Command((sys.executable, "-u", "-c", self._text), isolated=True)


def test_nothing_is_left_of_it(loaded: LoadedCourse, host: Host, tmp_path: Path) -> None:
    left_behind = host.paths.data / "proof" / "envs" / "old"
    left_behind.mkdir(parents=True)
    (tmp_path / "of-a-killed-one").mkdir()
    (host.paths.data / "proof" / "tmp").symlink_to(tmp_path / "of-a-killed-one")
    with workplace(loaded, "x86_64", host.paths) as place:
        assert not left_behind.exists()
        assert not (tmp_path / "of-a-killed-one").exists()
        assert len(str(place.temporary)) < 60
        assert place.generation.prefix.is_relative_to(host.paths.data)
        assert len({place.ports.mlflow, place.ports.prefect, place.ports.worker}) == 3
        running = place.start("sleeper", Command(("sleep", "94")), host)
        temporary = place.temporary
        # Its leader, or what will become it, and soon the program itself.
        begun = [p for p in psutil.Process().children(recursive=True) if "94" in p.cmdline()]
    assert begun
    assert running.code is not None
    assert not [process for process in begun if process.is_running()]
    assert not temporary.exists()
    assert not (host.paths.data / "proof").exists()


def test_commands_get_nothing_of_the_callers_environment(
    place: Workplace, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/mine")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mine.example")
    binary = place.generation.prefix / "bin" / "env"
    binary.parent.mkdir(parents=True)
    binary.symlink_to("/usr/bin/env")
    said = host.run(place.command("env"), RecordedJob()).output
    assert "mine" not in said
    assert f"PATH={binary.parent}:" in said


def test_a_server_that_ends_is_said_at_once_with_its_last_lines(
    place: Workplace, host: Host
) -> None:
    job = RecordedJob()
    with pytest.raises(BootstrapError) as caught:
        Talker(place, "import sys; print('this is why'); sys.exit(7)").prove(host, job)
    assert caught.value.code == "E-PROOF-SERVER"
    assert caught.value.what == "MLflow ended with code 7"
    assert job.notes == ["this is why"]


def test_a_server_that_does_not_answer_in_time_is_said_with_its_last_lines(
    place: Workplace, host: Host
) -> None:
    job = RecordedJob()
    with pytest.raises(BootstrapError) as caught:
        Talker(place, "import time; print('starting'); time.sleep(93)", 2).prove(host, job)
    assert caught.value.code == "E-MLFLOW-UNREACHABLE"
    assert "who made the course" in caught.value.remedy
    assert job.notes == ["starting"]


def test_of_two_servers_the_one_that_ended_is_heard(place: Workplace, host: Host) -> None:
    job = RecordedJob()
    stays = Talker(place, "import time; print('working'); time.sleep(92)")
    ends = Talker(place, "print('over')")
    for name, server in {"stays": stays, "ends": ends}.items():
        server.running = place.start(name, server.command(), host)
    with pytest.raises(BootstrapError), watching(job, stays, ends) as sleep:
        [sleep(0.05) for _ in range(200)]
    assert job.notes == ["over"]


def test_a_script_that_fails_is_the_locks_fault(
    place: Workplace, host: Host, tmp_path: Path
) -> None:
    python = place.generation.prefix / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    script = tmp_path / "lessons.py"
    script.write_text("import os; print(os.environ['PREFECT_API_URL']); raise ValueError('gone')")
    job = RecordedJob()
    with pytest.raises(BootstrapError) as caught:
        place.run(script, (), "E-PROOF-LESSONS", host, job)
    assert (caught.value.code, caught.value.what) == ("E-PROOF-LESSONS", "ValueError: gone")
    assert job.notes[0] == f"{place.ports.url('prefect')}/api"

"""The wheels of a lock on a CPython of this machine: a real one, without any conda package."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from bootstrap.core.errors import RequirementError, UsageError
from bootstrap.generation import Generation
from bootstrap.generation.system_python import find_python
from bootstrap.host.host import Host, this_machine
from bootstrap.machine.blueprint import Blueprint, draw, this_arch
from bootstrap.machine.selection import Selection
from bootstrap.machine.status import status_of
from tests.lab import LabFiles, cpython
from tests.relocked import relocked
from tests.unit.jobs import RecordedJob

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

SIX = "six==1.17.0 --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274\n"


@dataclass(frozen=True)
class Student:
    """A home on a machine with a CPython of the lock's series on PATH, by a course of one wheel."""

    host: Host
    course: Path

    def draw(self, python: str, runtime: str = "native") -> Blueprint:
        nowhere = "http://127.0.0.1:9"  # no channel answers
        return draw(Selection(str(self.course), nowhere, runtime=runtime, python=python), self.host)


@pytest.fixture
def student(lab: LabFiles, home: Path) -> Student:
    path = f"{cpython.find().prefix / 'bin'}{os.pathsep}{os.environ['PATH']}"
    host = this_machine({**os.environ, "PATH": path})[1]
    return Student(host, relocked(lab.course_path, home / "course", SIX))


def test_the_locked_wheels_are_on_it_and_status_says_what_is_not_held(student: Student) -> None:
    blueprint = student.draw("system")
    generation = blueprint.generation
    (step,) = (step for step in blueprint.steps if step.name == "environment")
    step.apply(student.host, RecordedJob())
    assert step.observe(student.host).satisfied
    assert step.observe(student.host).found != student.draw("locked").generation.digest

    ask = "import six, sys; print(six.__version__, sys.prefix, sys.version.split()[0])"
    said = subprocess.run([generation.prefix / "bin" / "python", "-c", ask],
                          capture_output=True, text=True, check=True).stdout.split()  # fmt: skip
    assert said == ["1.17.0", str(generation.prefix), cpython.find().version]

    status = status_of(blueprint, student.host)
    locked = student.draw("locked").generation
    assert set(status.unheld) == {f"{pin.name} {pin.version}" for pin in locked.conda}
    assert status.drift == ()
    assert locked.unheld == ()

    kept = Generation.kept(generation.prefix, this_arch(), student.host.paths)
    assert (kept.digest, kept.system) == (generation.digest, generation.system)


def test_it_is_for_processes_only(student: Student) -> None:
    with pytest.raises(UsageError) as caught:
        student.draw("system", runtime="docker")
    assert caught.value.code == "E-PYTHON-SYSTEM"


def test_another_series_will_not_do(tmp_path: Path) -> None:
    with pytest.raises(RequirementError) as caught:
        find_python("3.99.1", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert (caught.value.code, caught.value.exit_code) == ("E-NO-PYTHON", 3)

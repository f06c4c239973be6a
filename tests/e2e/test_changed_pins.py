"""A byte that is changed in any pin makes `up` refuse, naming the pin; what was there stays."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.machine import Machine

pytestmark = [pytest.mark.lab, pytest.mark.engine, pytest.mark.timeout(300)]


@pytest.fixture
def course(machine: Machine, tmp_path: Path) -> Iterator[Path]:
    """A copy of the machine's course; afterwards the machine is as it was."""
    copy = tmp_path / "course"
    shutil.copytree(machine.course.parent, copy)
    yield copy / machine.course.name
    assert "Nothing to do" in machine.ok("up", "--plain", *machine.up_options)


def up(machine: Machine, course: Path) -> subprocess.CompletedProcess[str]:
    there = str(machine.course)
    options = (str(course) if word == there else word for word in machine.up_options)
    return machine.run("up", "--plain", *options)


def flip(file: Path, pattern: str) -> tuple[str, str]:
    """Change the first digit of what the pattern's group finds; gives old and new."""
    text = file.read_text()
    found = re.search(pattern, text)
    assert found, pattern
    old = found[1]
    new = ("0" if old[0] != "0" else "1") + old[1:]
    file.write_text(text[: found.start(1)] + new + text[found.end(1) :])
    return old, new


@pytest.mark.parametrize(
    ("name", "pattern", "entry"),
    [
        ("conda-lock.yml", r"python-3\.12[^\n]*\n\s+hash:\n\s+md5: (\w+)", r"python \(linux-64\)"),
        ("conda-lock.yml", r"name: openssl[\s\S]*?sha256: (\w+)", r"openssl \(linux-64\)"),
        ("requirements.txt", r"\nmlflow==[^\n]*\n\s+--hash=sha256:(\w+)", "mlflow"),
        ("requirements.txt", r"\npandas==([\d.]+)", "pandas"),
    ],
)
def test_in_a_lock(machine: Machine, course: Path, name: str, pattern: str, entry: str) -> None:
    flip(course.with_name(name), pattern)
    done = up(machine, course)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "E-LOCK-EDITED" in done.stderr
    assert re.search(rf"changed: {entry}$", done.stderr, re.MULTILINE)


@pytest.mark.parametrize("name", ["conda-lock.yml", "requirements.txt"])
def test_in_the_digest_of_a_lock(machine: Machine, course: Path, name: str) -> None:
    old, new = flip(course, rf"lock: {re.escape(name)}\n(?:[^\n]*\n)*?\s+sha256: (\w+)")
    done = up(machine, course)
    assert done.returncode == 2, done.stdout + done.stderr
    for said in ("E-LOCK-EDITED", name, old, new):
        assert said in done.stderr


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        (r"docker-compose[\s\S]*?x86_64: (\w+)", "E-DIGEST"),
        (r"base: [^\n]*@sha256:(\w+)", "E-IMAGE-MISSING"),
        (r"postgres: [^\n]*@sha256:(\w+)", "E-IMAGE-MISSING"),
        (r"commit: (\w+)", "E-REPOSITORY-COMMIT"),
    ],
)
def test_in_the_course(machine: Machine, course: Path, pattern: str, code: str) -> None:
    _, new = flip(course, pattern)
    done = up(machine, course)
    assert done.returncode == 1, done.stdout + done.stderr
    assert code in done.stderr
    assert new[:12] in done.stderr

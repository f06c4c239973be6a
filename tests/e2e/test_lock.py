"""A course of one's own: begun, locked against a channel and an index, and held against both."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bootstrap.course.condalock import read_conda_lock
from bootstrap.course.load import load_course
from bootstrap.course.requirements import read_requirements
from tests.e2e.machine import Machine
from tests.lab import LabFiles, LabServer
from tests.lab.faults import Status

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]


@pytest.fixture
def author(lab_server: LabServer, lab: LabFiles, tmp_path: Path) -> Machine:
    """Somebody who writes a course, with a cache of their own."""
    environ = {**os.environ, "HOME": str(tmp_path / "home")}
    return Machine(tmp_path, environ, lab_server.url, lab.course_path, {})


@pytest.fixture
def course(author: Machine, lab: LabFiles, tmp_path: Path) -> Path:
    """What `init` begins, asking for the Python that the lab has, on its only architecture."""
    folder = tmp_path / "my course"
    author.ok("init", str(folder), "--name", "my-course")
    (pin,) = [
        pin
        for pin in read_conda_lock(load_course(lab.course_path).conda_lock, "linux-64")
        if pin.name == "python"
    ]
    environment = folder / "environment.yml"
    shipped = next(line for line in environment.read_text().splitlines() if "- python=" in line)
    text = environment.read_text().replace(shipped, f"  - python={pin.version}")
    environment.write_text(text.replace("  - linux-aarch64\n", ""))
    file = folder / "course.yml"
    file.write_text(file.read_text().replace("arch: [x86_64, aarch64]", "arch: [x86_64]"))
    return folder


def test_a_course_of_ones_own(author: Machine, course: Path) -> None:
    where = ("--course", str(course), "--source", author.source)
    made = json.loads(author.ok("lock", *where, "--json"))
    assert {change["package"] for change in made["changes"]} >= {"python (linux-64)", "mlflow"}
    assert made["download_bytes"]["conda"]["linux-64"] > 1_000_000
    loaded = load_course(course / "course.yml")
    pins = read_conda_lock(loaded.conda_lock, "linux-64")
    upstream = "https://conda.anaconda.org/conda-forge/"
    assert all(pin.url.startswith(upstream) for pin in pins), "a mirror leaves no trace"
    assert author.source not in loaded.conda_lock.read_text()
    assert {pin.name for pin in read_requirements(loaded.requirements)} >= {"mlflow", "prefect"}
    assert "answer" in author.ok("lock", "--check", "--course", str(course))
    again = json.loads(author.ok("lock", *where, "--json"))
    assert again["changes"] == again["written"] == []


def test_a_channel_that_does_not_answer_is_named(
    author: Machine, course: Path, lab_server: LabServer
) -> None:
    before = sorted(path.name for path in course.iterdir())
    lab_server.faults.add("/conda.anaconda.org/*", Status(503), times=None)
    try:
        done = author.run("lock", "--course", str(course), "--source", author.source)
    finally:
        lab_server.faults.clear()
    assert done.returncode == 1, done.stderr
    assert "E-HOST-UNREACHABLE" in done.stderr
    assert "--repodata" in done.stderr
    assert sorted(path.name for path in course.iterdir()) == before

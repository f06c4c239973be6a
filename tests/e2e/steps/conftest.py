"""The files of the lab behind a front without a registry: what steps fetch, and no more."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bootstrap.core import retry
from bootstrap.course.condalock import CondaPin, read_conda_lock
from bootstrap.course.load import LoadedCourse, load_course
from bootstrap.host.host import Host, this_machine
from bootstrap.sources import http
from bootstrap.sources.source import Source
from tests.lab import LabFiles, git_host
from tests.lab.server import Front
from tests.unit.jobs import RecordedJob
from tests.unit.lab.fronts import running


@dataclass(frozen=True)
class Mirror:
    front: Front
    repository: Path  # bare; the test's own

    @property
    def source(self) -> Source:
        return Source(self.front.url)


@pytest.fixture
def mirror(lab: LabFiles, tmp_path: Path) -> Iterator[Mirror]:
    git_root = tmp_path / "git"
    repository = git_host.copy_repository(lab.git, git_root)
    with running(*lab.roots, git_root=git_root) as front:
        yield Mirror(front, repository)


@pytest.fixture(scope="session")
def course(lab: LabFiles) -> LoadedCourse:
    return load_course(lab.course_path)


@pytest.fixture(scope="session")
def pins(course: LoadedCourse) -> tuple[CondaPin, ...]:
    return read_conda_lock(course.conda_lock, "linux-64")


@pytest.fixture
def job() -> RecordedJob:
    return RecordedJob()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    for name in [n for n in os.environ if n.startswith(("XDG_", "GIT_", "MLOPS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def host(home: Path) -> Host:
    return this_machine(os.environ)[1]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(http, "STALL_TIMEOUT", 1.0)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Path]:
    """A folder for environments: their files are linked from a cache on the same file system."""
    folder = tmp_path / "room"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)

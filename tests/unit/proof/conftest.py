from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrap.course.load import LoadedCourse, load_course
from bootstrap.course.locate import find_course
from bootstrap.host.host import Host, this_machine
from bootstrap.proof.workplace import Workplace, workplace


@pytest.fixture(scope="session")
def loaded() -> LoadedCourse:
    return load_course(find_course("mlops-zoomcamp", {}))


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return this_machine({**os.environ, "HOME": str(tmp_path)})[1]


@pytest.fixture
def place(loaded: LoadedCourse, host: Host) -> Iterator[Workplace]:
    with workplace(loaded, "x86_64", host.paths) as made:
        yield made

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bootstrap.course.load import load_course
from bootstrap.course.locate import shipped_courses
from bootstrap.export.origin import Origin
from bootstrap.export.subject import Subject, read_subject

SHIPPED = shipped_courses()["mlops-zoomcamp"]
ORIGIN = Origin(
    "https://example.org/mlops-bootstrap.git", "0123456789abcdef0123456789abcdef01234567"
)


def subject_of(course: Path, platform: str, *, shipped: bool, course_file: str = "") -> Subject:
    return read_subject(
        load_course(course), platform, shipped=shipped, course_file=course_file, origin=ORIGIN
    )


@pytest.fixture
def shipped() -> Subject:
    return subject_of(SHIPPED, "linux-64", shipped=True)


@pytest.fixture
def own(tmp_path: Path) -> Subject:
    """A course of one's own, in a repository."""
    folder = tmp_path / "my course"
    shutil.copytree(shipped_courses()["mlops-current"].parent, folder)
    return subject_of(
        folder / "course.yml", "linux-64", shipped=False, course_file="my course/course.yml"
    )


@pytest.fixture(params=["linux-64", "linux-aarch64", "own"])
def subject(request: pytest.FixtureRequest) -> Subject:
    """The shipped course on each platform, and one of one's own."""
    if request.param == "own":
        made: Subject = request.getfixturevalue("own")
        return made
    return subject_of(SHIPPED, request.param, shipped=True)

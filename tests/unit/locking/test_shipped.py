"""The shipped locks: they answer, agree with what is known, and are within their weight."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from conda_lock.conda_lock import render_lockfile_for_platform
from conda_lock.lockfile import parse_conda_lock_file
from rattler.explicit_environment import ExplicitEnvironmentSpec

from bootstrap.course.condalock import read_conda_lock
from bootstrap.course.load import load_course
from bootstrap.course.locate import shipped_courses
from bootstrap.course.requirements import read_requirements
from bootstrap.course.sums import SUMS, sums_text
from bootstrap.locking.check import check_locks
from bootstrap.proof.record import proven
from tests.unit.locking.snapshot import FACTS

COURSES = sorted(shipped_courses())
PLATFORMS = ("linux-64", "linux-aarch64")
PYTHON_PACKAGES = {"pip", "setuptools", "wheel", "packaging"}
"""Come as wheels instead: see envs/mlops-zoomcamp/environment.yml."""


@pytest.fixture(params=COURSES)
def course(request: pytest.FixtureRequest) -> Path:
    return shipped_courses()[request.param]


def test_there_are_two() -> None:
    assert COURSES == ["mlops-current", "mlops-zoomcamp"]


def test_they_answer_their_specifications(course: Path) -> None:
    assert check_locks(load_course(course)) == ()


def test_their_digests_and_sums_are_in_the_course(course: Path) -> None:
    loaded = load_course(course)
    environment = loaded.course.environment
    for lock, path in (
        (environment.conda, loaded.conda_lock),
        (environment.wheels, loaded.requirements),
    ):
        assert lock.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    both = {p.name: p.read_bytes() for p in (loaded.conda_lock, loaded.requirements)}
    assert (course.parent / SUMS).read_text() == sums_text(both)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_conda_packages_are_the_known_ones(course: Path, platform: str) -> None:
    """Entry by entry: file, digests, dependencies, nothing more and nothing less."""
    known = {
        fact["name"]: fact
        for fact in FACTS["packages"]
        if fact["subdir"] in (platform, "noarch") and fact["name"] not in PYTHON_PACKAGES
    }
    locked = {pin.name: pin for pin in read_conda_lock(load_course(course).conda_lock, platform)}
    assert locked.keys() == known.keys()
    for name, pin in locked.items():
        fact = known[name]
        assert (pin.version, pin.build, pin.subdir) == (
            fact["version"],
            fact["build"],
            fact["subdir"],
        )
        assert (pin.url, pin.filename) == (fact["url"], fact["filename"])
        assert (pin.sha256, pin.md5) == (fact["sha256"], fact["md5"])
        assert set(pin.dependencies) == set(fact["depends"])


@pytest.mark.parametrize("platform", PLATFORMS)
def test_conda_lock_renders_them(course: Path, platform: str) -> None:
    """The independent witness: an explicit file, as conda takes it, and rattler reads it too."""
    lock = parse_conda_lock_file(load_course(course).conda_lock)
    lines = render_lockfile_for_platform(
        lockfile=lock,
        include_dev_dependencies=False,
        extras=None,
        kind="explicit",
        platform=platform,
    )
    read = ExplicitEnvironmentSpec.from_str("\n".join(lines))
    pins = read_conda_lock(load_course(course).conda_lock, platform)
    assert {one.url.partition("#")[0] for one in read.packages} == {pin.url for pin in pins}


def test_their_wheels_are_proven(course: Path) -> None:
    """The record beside the locks is of these wheels; a new lock wants a new proof."""
    record = proven(load_course(course))
    assert record is not None
    assert "requirements.txt" in record.same


def test_no_file_of_a_lock_names_an_index(course: Path) -> None:
    text = load_course(course).requirements.read_text()
    assert "://" not in text


def test_every_wheel_is_pinned_once(course: Path) -> None:
    pins = read_requirements(load_course(course).requirements)
    names = [pin.name for pin in pins]
    assert len(names) == len(set(names))
    assert not [n for n in names if n.startswith("nvidia-")], "no machine of a course has a GPU"

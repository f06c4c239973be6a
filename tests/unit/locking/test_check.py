"""A lock answers its specification, or it is said where it does not."""

from __future__ import annotations

import pytest

from bootstrap.core.errors import UsageError
from tests.unit.locking.conftest import Course, Edit


@pytest.fixture
def locked(course: Course) -> Course:
    course.index.add("alpha", "1.5", needs=("below",))
    course.index.add("beta", "2.0")
    course.index.add("below", "0.1")
    course.asks("alpha>=1", "beta")
    course.lock()
    return course


def said(course: Course) -> list[tuple[str, str]]:
    return [(finding.where, finding.what) for finding in course.check()]


def test_a_fresh_lock_answers(locked: Course) -> None:
    assert said(locked) == []


def test_comments_and_looser_bounds_change_nothing(locked: Course) -> None:
    locked.asks("# why", "alpha>=0.5  # looser", "", "beta")
    assert said(locked) == []


def test_a_tighter_bound_that_the_lock_meets_changes_nothing(locked: Course) -> None:
    locked.asks("alpha>=1.5,<2", "beta")
    assert said(locked) == []


def test_a_bound_that_the_lock_breaks_is_said_with_its_line(locked: Course) -> None:
    locked.asks("beta", "alpha>=1.6")
    where = f"{locked.folder / 'requirements.in'}:2"
    assert said(locked) == [
        (where, f"alpha>=1.6 is asked for, 1.5 is locked for {platform}")
        for platform in ("linux-64", "linux-aarch64")
    ]


def test_a_new_requirement_is_said(locked: Course) -> None:
    locked.asks("alpha>=1", "beta", "gamma")
    assert {what for _, what in said(locked)} == {
        "gamma is asked for, nothing is locked for linux-64",
        "gamma is asked for, nothing is locked for linux-aarch64",
    }


def test_what_nothing_needs_any_more_is_said(locked: Course) -> None:
    locked.asks("beta")
    assert [what for _, what in said(locked)] == [
        "nothing needs alpha any more",
        "nothing needs below any more",
    ]


def test_another_python_is_said(locked: Course) -> None:
    locked.asks("alpha>=1", "beta", conda="python=3.13")
    found = said(locked)
    assert len(found) == 2
    where, what = found[0]
    assert where == f"{locked.folder / 'environment.yml'}:3"
    assert what.startswith("python 3.13")
    assert "3.12.13" in what


def test_a_new_conda_package_is_said(locked: Course) -> None:
    locked.asks("alpha>=1", "beta", conda="python=3.12.13\n  - git")
    assert [what for _, what in said(locked)] == [
        "git is asked for, nothing is locked for linux-64",
        "git is asked for, nothing is locked for linux-aarch64",
    ]


def test_a_conda_package_that_nothing_needs_is_said(course: Course) -> None:
    course.asks(conda="python=3.12.13")
    course.lock()
    course.asks(conda="openssl")
    assert "nothing needs python any more (linux-64)" in {what for _, what in said(course)}


def test_a_digest_that_is_missing_is_said(locked: Course, edit: Edit) -> None:
    digest = next(
        line for line in locked.path.read_text().splitlines() if line.startswith("    sha256: ")
    )
    edit("course.yml", f"{digest}\n", "")
    assert [what for _, what in said(locked)] == [
        "environment.conda holds no digest of conda-lock.yml"
    ]


def test_an_edited_lock_is_refused_with_the_entry(locked: Course, edit: Edit) -> None:
    edit("requirements.txt", "alpha==1.5", "alpha==1.4")
    with pytest.raises(UsageError, match=r"E-LOCK-EDITED.*changed: alpha"):
        locked.check()


def test_a_lock_for_other_platforms_is_refused(course: Course) -> None:
    course.asks()
    course.lock(platforms=("linux-64",))
    with pytest.raises(UsageError) as caught:
        course.check()
    assert caught.value.code == "E-LOCK-PLATFORM"
    assert "linux-aarch64" in caught.value.what

"""`mlops-bootstrap lock` as a user calls it."""

from __future__ import annotations

import hashlib
import json

import pytest

from bootstrap.cli.main import call
from tests.unit.locking.conftest import Course


@pytest.fixture
def ready(course: Course, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(course.folder.parent / "cache"))
    course.index.add("pure", "1.0")
    course.asks("pure")
    return ["lock", "--course", str(course.folder)]


def test_lock_check_and_update(
    course: Course, ready: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    offline = ["--repodata", str(course.snapshot)]
    assert call([*ready, *offline, "--dry-run"]) == 0
    assert not (course.folder / "requirements.txt").exists()
    assert call([*ready, *offline]) == 0
    shown = capsys.readouterr()
    assert "pure" in shown.out
    assert "asked for: pure" in shown.out
    assert "requirements.txt" in shown.out
    assert "wheels: resolving requirements.in" in shown.err
    assert call([*ready, "--check"]) == 0
    course.asks("pure>=2")
    assert call([*ready, "--check"]) == 5
    assert "requirements.in:1: pure>=2 is asked for, 1.0 is locked" in capsys.readouterr().out
    course.index.add("pure", "2.0")
    assert call([*ready, "--update", "Pure"]) == 0
    assert call([*ready, "--check"]) == 0


def test_json(course: Course, ready: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        call([*ready, "--repodata", str(course.snapshot), "--platform", "linux-64", "--json"]) == 0
    )
    said = json.loads(capsys.readouterr().out)
    assert (said["version"], said["kind"]) == (1, "lock")
    change = next(one for one in said["changes"] if one["package"] == "pure")
    assert change == {"package": "pure", "old": "", "new": "1.0", "why": "asked for: pure"}
    assert said["download_bytes"]["conda"]["linux-64"] > 1_000_000
    assert [path.rpartition("/")[2] for path in said["written"]] == [
        "conda-lock.yml", "requirements.txt", "lock.sums", "course.yml",
    ]  # fmt: skip
    assert call([*ready, "--check", "--platform", "linux-64", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {
        "version": 1, "kind": "lock-check", "answers": True, "findings": [], "proof": None,
    }  # fmt: skip


def test_check_says_what_is_proven(
    course: Course, ready: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call([*ready, "--repodata", str(course.snapshot)]) == 0
    capsys.readouterr()
    assert call([*ready, "--check"]) == 0
    assert "proof  none of these locks" in capsys.readouterr().out
    locks = {
        name: hashlib.sha256((course.folder / name).read_bytes()).hexdigest()
        for name in ("conda-lock.yml", "requirements.txt")
    }
    proof = {"date": "2026-11-25T10:00:00+00:00", "platform": {"arch": "x86_64"}, "locks": locks}
    (course.folder / "proof.json").write_text(json.dumps(proof))
    assert call([*ready, "--check"]) == 0
    assert "proof  2026-11-25T10:00:00+00:00 on x86_64\n" in capsys.readouterr().out
    proof["locks"] = locks | {"conda-lock.yml": "0" * 64}
    (course.folder / "proof.json").write_text(json.dumps(proof))
    assert call([*ready, "--check"]) == 0
    assert "on x86_64, with another conda-lock.yml\n" in capsys.readouterr().out
    (course.folder / "proof.json").write_text("[")
    assert call([*ready, "--check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["proof"] is None


def test_an_error_is_said_without_a_traceback(
    course: Course, ready: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    course.asks("nowhere-at-all")
    assert call([*ready, "--repodata", str(course.snapshot)]) == 2
    err = capsys.readouterr().err
    assert "E-LOCK-NO-PACKAGE" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "options",
    [
        ["prove", "--nothing"],
        ["--check", "prove"],
        ["--exclude-newer", "last week"],
        ["--repodata", "/nowhere"],
        ["--platform"],
        ["--check=x"],
    ],
)
def test_wrong_usage_is_exit_code_2(ready: list[str], options: list[str]) -> None:
    assert call([*ready, *options]) == 2


def test_exclude_newer_reaches_the_conda_solver(
    course: Course, ready: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    offline = ["--repodata", str(course.snapshot)]
    assert call([*ready, *offline, "--exclude-newer", "2001-01-01"]) == 2
    assert "E-LOCK" in capsys.readouterr().err

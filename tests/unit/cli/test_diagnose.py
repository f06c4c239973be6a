"""`diagnose` as a person types it, on a machine where next to nothing works."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from bootstrap.cli.main import call
from bootstrap.core.events import RunStarted, StepNote
from bootstrap.core.journal import Journal
from bootstrap.support.parts import PARTS

NAMES = ["contents.json", *(part.name for part in PARTS)]


def members(file: Path) -> dict[str, str]:
    with tarfile.open(file) as tar:
        read = {m.name.partition("/")[2]: tar.extractfile(m) for m in tar.getmembers()}
        return {name: content.read().decode() for name, content in read.items() if content}


@pytest.fixture
def broken(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a course file that is none, no engine, and private things in every place."""
    course = home / "course.yml"
    course.write_text("name: [")
    monkeypatch.setenv("MLOPS_BOOTSTRAP_COURSE", str(course))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{home}/no.sock")
    monkeypatch.setenv("https_proxy", "http://bob:pr0xypass@10.9.8.7:3128")
    secrets = home / ".config" / "mlops-bootstrap" / "secrets" / "mlops-zoomcamp"
    secrets.mkdir(parents=True)
    (secrets / "mlflow.env").write_text("PGPASSWORD=c0ffee77\n")
    (home / ".bashrc").write_text("export MINE=4711\n")
    with Journal(home / ".local" / "state" / "mlops-bootstrap" / "journal.jsonl") as journal:
        journal(RunStarted(1.0, "first", ()))
        journal(StepNote(2.0, "a", f"c0ffee77 in {home}, http://tok3n-x@172.16.0.9/"))
    return home


def test_where_all_is_broken_every_file_is_there_and_says_why(
    broken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "b.tar.gz"
    assert call(["diagnose", "--yes", "--output", str(file)]) == 0
    found = members(file)
    assert list(found) == NAMES
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    listed = {one["name"]: one["code"] for one in json.loads(found["contents.json"])["files"]}
    wrong = {"status.json", "plan.json", "verify.json"} | {n for n in NAMES if "logs/" in n}
    assert {name for name, code in listed.items() if code} == wrong
    assert {listed[name] for name in wrong} == {"E-COURSE-SYNTAX"}
    assert found["logs/mlflow.log"].startswith("E-COURSE-SYNTAX  ")
    assert "<hidden>" in found["journal.jsonl"]
    private = (str(broken), "c0ffee77", "4711", "tok3n-x", "172.16.0.9", "pr0xypass", "10.9.8.7")
    for name, text in found.items():
        assert not [word for word in private if word in text], (name, text)
    said = capsys.readouterr().out
    assert said.index("will hold:") < said.index(f"Wrote {file}")
    assert "logs/worker.log, verify.json: E-COURSE-SYNTAX" in said


def test_dry_run_lists_what_it_would_hold_and_writes_nothing(
    broken: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(["diagnose", "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "mlops-bootstrap-support.tar.gz would hold:"
    assert [line.split()[0] for line in lines if line.startswith("  ")] == NAMES
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["thesis.docx", "b.zip", "tar.gz"])
def test_a_name_that_is_no_archive_is_refused(name: str, tmp_path: Path) -> None:
    assert call(["diagnose", "--yes", "--output", str(tmp_path / name)]) == 2
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_said(broken: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    argv = [sys.executable, "-m", "bootstrap.cli.main", "diagnose", "--yes"]
    done = subprocess.run(
        [*argv, "--output", str(tmp_path / "file" / "b.tar.gz")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "\nE-WRITE  " in done.stderr


def test_on_a_terminal_it_asks_first(broken: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"n\n")
    file = tmp_path / "b.tar.gz"
    done = subprocess.run(
        [sys.executable, "-m", "bootstrap.cli.main", "diagnose", "--output", str(file)],
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(ours)
    os.close(theirs)
    assert "Collect and write it? [y/N]" in done.stderr
    assert done.returncode == 130
    assert not file.exists()

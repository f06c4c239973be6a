from __future__ import annotations

from pathlib import Path

import pytest

from bootstrap.core.events import Outcome, RunFinished, RunStarted, StepNote, StepProgress
from bootstrap.core.journal import Journal, last_runs


def write(path: Path, *names: str) -> None:
    for name in names:
        with Journal(path) as journal:
            journal(RunStarted(1.0, name, ()))
            journal(StepProgress(1.5, "step", "", 1, 2, "bytes"))
            journal(StepNote(2.0, "step", f"in {name}"))
            journal(RunFinished(3.0, Outcome.CHANGED, 2.0))


def test_the_last_runs_are_read_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, "a", "b", "c")
    events = last_runs(path, 2)
    assert [e["event"] for e in events] == ["run-started", "step-note", "run-finished"] * 2
    assert [e["run"] for e in events if "run" in e] == ["b", "c"]
    assert last_runs(path, 9)[0]["run"] == "a"


def test_runs_of_the_journal_before_count_too_and_a_cut_line_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(tmp_path / "journal.jsonl.1", "old")
    write(path, "new")
    path.write_text(path.read_text() + '{"event": "step-no')
    events = last_runs(path, 2)
    assert [e["run"] for e in events if isinstance(e, dict) and "run" in e] == ["old", "new"]
    assert events[-1] == '{"event": "step-no'


def test_no_journal(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        last_runs(tmp_path / "journal.jsonl", 1)

"""Reports are read, and what is none is named and left out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bootstrap.cohort.collect import LARGEST, collect
from bootstrap.core.errors import UsageError
from bootstrap.verify.report import Report
from bootstrap.verify.signature import Secret, Signed
from tests.unit.verify.reports import report

SECRET = Secret(b"0123456789abcdef")


def put(folder: Path, name: str, made: Report | None = None, **changed: object) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**(made or report()).document(), **changed}))
    return file


def test_files_and_folders_each_once(tmp_path: Path) -> None:
    anna = put(tmp_path, "anna.json")
    put(tmp_path, "group/bert.json")
    put(tmp_path, ".anna.json.part")
    (tmp_path / "notes.txt").write_text("no report")
    entries, left_out = collect([tmp_path, anna])
    assert [entry.student for entry in entries] == ["anna", "bert"]
    assert left_out == ()


def test_students_whose_files_are_called_the_same(tmp_path: Path) -> None:
    put(tmp_path, "anna/report.json")
    put(tmp_path, "bert/report.json")
    entries, _ = collect([tmp_path])
    assert [entry.student for entry in entries] == [
        str(tmp_path / "anna/report"), str(tmp_path / "bert/report"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "code", "why"),
    [
        (b"", "W-REPORT-DAMAGED", "is not JSON"),
        (b'{"kind": "report"', "W-REPORT-DAMAGED", "is not JSON"),
        (b"\xff\xfe\x00", "W-REPORT-DAMAGED", "is not JSON"),
        (b"[" * 100_000, "W-REPORT-DAMAGED", "is not JSON"),
        (b'{"kind": "report", "version": 1, "seconds": NaN}', "W-REPORT-DAMAGED", "NaN"),
        (b'{"kind": "report", "version": 1}', "W-REPORT-DAMAGED", "tool: Field required"),
        (b'{"kind": "report", "version": "1"}', "W-REPORT-DAMAGED", "version: Input should be 1"),
        (b'{"kind": "report", "version": 2}', "W-REPORT-NEWER", "format 2"),
        (b'{"kind": "status"}', "W-REPORT-FOREIGN", "is not a report"),
        (b"[]", "W-REPORT-FOREIGN", "is not a report"),
        (b" " * (LARGEST + 1), "W-REPORT-FOREIGN", "too large"),
    ],
)
def test_one_that_cannot_be_read_is_left_out(
    tmp_path: Path, content: bytes, code: str, why: str
) -> None:
    put(tmp_path, "anna.json")
    (tmp_path / "bert.json").write_bytes(content)
    entries, (left_out,) = collect([tmp_path])
    assert [entry.student for entry in entries] == ["anna"]
    assert (left_out.file, left_out.code) == (str(tmp_path / "bert.json"), code)
    assert why in left_out.why


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    put(tmp_path, "anna.json")
    os.mkfifo(tmp_path / "pipe")
    _, (left_out,) = collect([tmp_path, tmp_path / "pipe"])
    assert left_out.why == "is not a file"


def test_the_report_of_another_course(tmp_path: Path) -> None:
    for name in ("anna", "bert"):
        put(tmp_path, f"{name}.json")
    other = put(tmp_path, "carl.json", report(course="mlops-current"))
    entries, (left_out,) = collect([tmp_path])
    assert len(entries) == 2
    assert (left_out.file, left_out.code) == (str(other), "W-REPORT-FOREIGN")
    assert "mlops-current" in left_out.why


def test_nothing_to_count_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no report was found") as caught:
        collect([tmp_path])
    assert caught.value.code == "E-NO-REPORT"
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(UsageError, match="1 could not be read") as caught:
        collect([tmp_path])
    assert "x.json: is not JSON" in caught.value.where


def test_signatures(tmp_path: Path) -> None:
    signed = SECRET.sign(report().document())
    (tmp_path / "a.json").write_text(json.dumps(signed))
    (tmp_path / "b.json").write_text(json.dumps({**signed, "runtime": "native"}))
    put(tmp_path, "c.json")
    checked, _ = collect([tmp_path], SECRET)
    assert [entry.signed for entry in checked] == [Signed.VALID, Signed.INVALID, Signed.MISSING]
    unchecked, _ = collect([tmp_path])
    assert [entry.signed for entry in unchecked] == [
        Signed.UNCHECKED, Signed.UNCHECKED, Signed.MISSING,
    ]  # fmt: skip

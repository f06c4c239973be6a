"""A class as text and as a sheet."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from bootstrap.cohort.cohort import cohort
from bootstrap.cohort.collect import Entry, LeftOut
from bootstrap.report.cohort import text
from bootstrap.report.cohort.sheet import sheet
from bootstrap.verify.signature import Signed
from tests.unit.verify.reports import BLOCKED, FAILED, NUMPY, check, report

FINE = report(check("tools.git"), check(FAILED.code), check(BLOCKED.code))
BROKEN = report(check("tools.git"), FAILED, BLOCKED, fingerprint="aa" * 32, drift=(NUMPY,))


def class_of(signed: Signed = Signed.MISSING, **reports: Any) -> dict[str, Any]:
    made = [Entry(f"{n}.json", n, one, signed) for n, one in reports.items()]
    return cohort(made, [LeftOut("x\x1b[2J.json", "W-REPORT-DAMAGED", "is not JSON")])


def test_the_whole_text() -> None:
    assert text.cohort(class_of(anna=FINE, bert=BROKEN, carl=FINE)) == GOLDEN


GOLDEN = """\
3 reports of mlops-zoomcamp

1 of 3 fail  tools.docker-group  bert

1 of 3 blocked at  tools.compose  bert

1 check with nothing amiss

packages that are not those of most of the class (efefefefefef)
  bert  differ from the lock: numpy is 2.0.0, locked is 1.26.4

no report is signed

slowest
  anna  4.5 s, of that 0.2 s tools.git
  bert  4.5 s, of that 1.5 s tools.docker-group
  carl  4.5 s, of that 0.2 s tools.git"""


def test_many_names_are_counted() -> None:
    shown = text.cohort(class_of(**{f"s{n}": BROKEN for n in range(20)}))
    assert "20 of 20 fail" in shown
    assert "s7, and 12 more" in shown.replace("s10", "s7", 1)


def test_signatures_that_do_not_hold_are_named() -> None:
    shown = text.cohort(class_of(Signed.INVALID, anna=FINE))
    assert "signatures\n  invalid  1" in shown


def test_what_was_left_out_has_its_code() -> None:
    warned = text.warnings(class_of(anna=FINE)["left_out"])
    assert warned == "W-REPORT-DAMAGED  x.json: is not JSON"


def rows(class_: dict[str, Any]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(sheet(class_).decode("utf-8-sig"))))


def test_a_row_a_student_and_a_column_a_check() -> None:
    bert, anna = rows(class_of(anna=FINE, bert=BROKEN))
    assert (anna["student"], anna["failed"], anna["tools.git"]) == ("anna", "0", "passed")
    assert (bert["student"], bert["failed"], bert["blocked"]) == ("bert", "1", "1")
    assert bert["tools.docker-group"] == "failed"
    assert (bert["packages"], bert["signature"]) == ("drifted", "missing")


def test_a_check_that_was_left_out_has_no_outcome() -> None:
    _, anna = rows(class_of(anna=report(check("data.model")), bert=BROKEN))
    assert (anna["data.model"], anna["tools.git"]) == ("passed", "")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r@", "\uff1d"])
def test_no_cell_is_a_formula(begin: str) -> None:
    (row,) = rows(class_of(**{f"{begin}cmd|' /C calc'!A0": FINE}))
    assert row["student"].startswith("'")
    assert not row["student"][1:].startswith(("\t", "\r"))


def test_spreadsheets_know_it_for_utf8() -> None:
    assert sheet(class_of(anna=FINE)).startswith(b"\xef\xbb\xbf")

"""A class counted."""

from __future__ import annotations

import os
from typing import Any

from bootstrap.cohort.cohort import cohort
from bootstrap.cohort.collect import Entry, LeftOut
from bootstrap.cohort.locked import locked_fingerprint
from bootstrap.verify.report import Report
from bootstrap.verify.signature import Signed
from tests.unit.verify.reports import BLOCKED, FAILED, LOCKED, NUMPY, SKIPPED, check, report

GIT = check("tools.git")


def entries(**reports: Report) -> list[Entry]:
    return [Entry(f"{n}.json", n, one, Signed.MISSING) for n, one in reports.items()]


def by_student(class_: dict[str, Any]) -> dict[str, Any]:
    return {student["student"]: student for student in class_["students"]}


def test_checks_are_counted_where_they_apply_the_worst_first() -> None:
    skipped = SKIPPED.model_copy(update={"code": FAILED.code})
    class_ = cohort(
        entries(
            anna=report(GIT, FAILED, BLOCKED),
            bert=report(GIT, check(FAILED.code)),
            carl=report(GIT, skipped, BLOCKED),
            dora=report(GIT, FAILED),
        ),
        [],
    )
    worst, second, third = class_["checks"]
    assert (worst["code"], worst["looked"], worst["failed"]) == (FAILED.code, 3, ["anna", "dora"])
    assert (second["code"], second["looked"], second["blocked"]) == (
        BLOCKED.code, 2, ["anna", "carl"],
    )  # fmt: skip
    assert (third["code"], third["looked"], third["failed"]) == ("tools.git", 4, [])
    assert [student["student"] for student in class_["students"]] == [
        "anna", "dora", "carl", "bert",
    ]  # fmt: skip


def test_packages_are_held_against_those_of_most() -> None:
    class_ = cohort(
        entries(
            anna=report(),
            bert=report(),
            carl=report(fingerprint="aa" * 32, drift=(NUMPY,)),
            dora=report(fingerprint="bb" * 32, wanted="bb" * 32),
            emil=report(fingerprint=""),
        ),
        [],
    )
    assert (class_["fingerprint"], class_["fingerprint_from"]) == (LOCKED, "majority")
    found = {name: student["packages"] for name, student in by_student(class_).items()}
    assert found == {
        "anna": "same", "bert": "same", "carl": "drifted", "dora": "other", "emil": "none",
    }  # fmt: skip
    assert by_student(class_)["carl"]["drift"] == [NUMPY.model_dump()]


def test_a_lock_counts_more_than_most() -> None:
    drifted = report(fingerprint="aa" * 32, drift=(NUMPY,))
    class_ = cohort(entries(anna=drifted, bert=drifted, carl=report()), [], LOCKED)
    assert class_["fingerprint_from"] == "lock"
    assert [by_student(class_)[n]["packages"] for n in ("anna", "carl")] == ["drifted", "same"]


def test_of_two_as_common_the_locked_one_counts() -> None:
    drifted = report(fingerprint="00" * 32, drift=(NUMPY,))
    assert cohort(entries(anna=drifted, bert=report()), [])["fingerprint"] == LOCKED


def test_nobody_has_an_environment() -> None:
    class_ = cohort(entries(anna=report(fingerprint="")), [])
    assert class_["fingerprint"] == ""
    assert by_student(class_)["anna"]["packages"] == "none"


def test_the_shipped_lock_is_what_reports_of_it_want() -> None:
    environ = {"HOME": "/nowhere", "PATH": os.defpath}
    assert len(locked_fingerprint("mlops-zoomcamp", environ)) == 64
    assert locked_fingerprint("mlops-zoomcamp", environ) != locked_fingerprint(
        "mlops-current", environ
    )


def test_the_slowest_are_of_those_that_did_all() -> None:
    slow = check("tracking.server", seconds=8.0)
    class_ = cohort(
        entries(
            anna=report(GIT, slow, seconds=9.0),
            bert=report(seconds=5.0),
            carl=report(seconds=99.0, partial=True),
        ),
        [],
    )
    first, second = class_["slowest"]
    assert first == {
        "student": "anna", "seconds": 9.0, "check": "tracking.server", "check_seconds": 8.0,
    }  # fmt: skip
    assert second["student"] == "bert"


def test_what_was_left_out_is_told() -> None:
    class_ = cohort(entries(anna=report()), [LeftOut("x.json", "W-REPORT-DAMAGED", "cut")])
    assert class_["left_out"] == [{"file": "x.json", "code": "W-REPORT-DAMAGED", "why": "cut"}]


def test_a_thousand_reports_are_counted() -> None:
    many = {
        f"s{n}": report(GIT, FAILED if n % 10 == 0 else check(FAILED.code)) for n in range(1000)
    }
    worst, *_ = cohort(entries(**many), [])["checks"]
    assert (worst["looked"], len(worst["failed"])) == (1000, 100)

"""The report: what is in it, its schema, and what is not in it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.cli.options import open_session
from bootstrap.core.errors import BootstrapError
from bootstrap.host.facts import read_machine
from bootstrap.verify.check import Area, Check, Extra, Finding, Outcome, Result
from bootstrap.verify.report import Report, schema_text
from bootstrap.verify.reporting import Verified, report_of
from bootstrap.verify.verification import Asked
from tests.unit.verify.reports import NUMPY, WHEN, check, report

SCHEMA = Path(__file__).parents[3] / "docs" / "report.schema.json"
VALID = jsonschema.Draft202012Validator(
    json.loads(SCHEMA.read_text()), format_checker=jsonschema.FormatChecker()
)


def verified(tmp_path: Path, asked: Asked, *results: Result) -> Verified:
    session = open_session(environ={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    return Verified(session.blueprint, read_machine(), asked, results, WHEN, 1.25)


def a_result(code: str, finding: Finding, error: str = "") -> Result:
    def look(_: object) -> Finding:
        raise BootstrapError("E-INTERNAL", "nobody looks")

    return Result(Check(code, "a title", look), finding, 0.12345, error)


def test_the_schema_is_current() -> None:
    assert SCHEMA.read_text() == schema_text(), (
        "run: mlops-bootstrap schema --report > docs/report.schema.json"
    )


def test_a_report_of_this_machine(tmp_path: Path) -> None:
    finding = Finding(Outcome.FAILED, "found /x", "wanted /x", "mend /x")
    done = verified(tmp_path, Asked((Area.DATA,)), a_result("data.model", finding, "E-X"))
    made = report_of(done, lambda text: text.replace("/x", "~"))
    document = made.document()
    VALID.validate(document)
    (only,) = document["checks"]
    assert only["modules"] == [1, 5]
    assert [only[name] for name in ("found", "wanted", "remedy")] == [
        "found ~",
        "wanted ~",
        "mend ~",
    ]
    assert (only["error"], only["seconds"]) == ("E-X", 0.123)
    assert document["counts"] == {
        "passed": 0, "warning": 0, "failed": 1, "blocked": 0, "skipped": 0,
    }  # fmt: skip
    assert document["scope"] == {
        "only": ["data"],
        "module": None,
        "deep": False,
        "imports": False,
        "partial": True,
    }
    assert document["when"] == "2026-05-04T10:30:00Z"
    assert document["signature"] is None
    assert document["environment"]["fingerprint"] == "", "nothing is installed in that home"
    assert len(document["environment"]["wanted"]) == 64


@pytest.mark.parametrize(
    ("asked", "partial"),
    [(Asked(), False), (Asked(extras=(Extra.DEEP,)), False), (Asked(module=1), True)],
)
def test_a_part_is_said_to_be_one(tmp_path: Path, asked: Asked, *, partial: bool) -> None:
    assert report_of(verified(tmp_path, asked), str).scope.partial is partial


def test_reading_gives_what_was_written() -> None:
    made = report(drift=(NUMPY,))
    assert Report.model_validate(json.loads(json.dumps(made.document()))) == made


def test_a_field_of_a_newer_tool_is_passed_over() -> None:
    assert Report.model_validate({**report().document(), "mood": "good"}) == report()


texts = st.text(max_size=30)


@given(texts, texts, texts, st.sampled_from(Outcome), st.floats(0, 1e6))
def test_every_report_fits_the_schema(
    found: str, wanted: str, remedy: str, outcome: Outcome, seconds: float
) -> None:
    one = check("tools.git", outcome, found=found, wanted=wanted, remedy=remedy, seconds=seconds)
    VALID.validate(json.loads(json.dumps(report(one).document())))

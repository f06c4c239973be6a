"""JUnit XML as a parser of other people reads it."""

from __future__ import annotations

from typing import Any

import junitparser
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.report.checks.junit import junit
from tests.unit.verify.reports import ALL, FAILED, check, report


def read(*checks: Any) -> Any:
    return junitparser.JUnitXml.fromstring(junit(report(*checks).document()))


def test_every_check_is_a_case_of_its_area() -> None:
    suites = list(read())
    assert [suite.name for suite in suites] == ["tools", "environment", "repository", "deployment"]
    cases = [case for suite in suites for case in suite]
    assert [(case.classname, case.name) for case in cases] == [(c.area, c.code) for c in ALL]
    assert sum(case.time for case in cases) == 2.25


def test_outcomes_are_those_of_junit() -> None:
    results = {case.name: case.result for suite in read() for case in suite}
    (failure,) = results["tools.docker-group"]
    assert isinstance(failure, junitparser.Failure)
    assert failure.message == "you are not in the group docker"
    assert failure.type == "tools.docker-group"
    assert "remedy: sudo usermod -aG docker $USER\nnewgrp docker" in failure.text
    (blocked,) = results["tools.compose"]
    assert isinstance(blocked, junitparser.Skipped)
    assert blocked.message == "blocked by tools.docker-group"
    (skipped,) = results["deployment.image"]
    assert isinstance(skipped, junitparser.Skipped)
    assert results["repository.large-files"] == []


def test_counts_are_those_that_a_parser_counts() -> None:
    whole = read()
    said = (whole.tests, whole.failures, whole.errors, whole.skipped)
    whole.update_statistics()
    assert said == (whole.tests, whole.failures, whole.errors, whole.skipped) == (5, 1, 0, 2)


def test_what_it_was_made_on_is_said() -> None:
    (suite, *_) = read()
    assert {p.name: p.value for p in suite.properties()}["course"] == "mlops-zoomcamp"


def test_the_code_of_an_error_is_the_type() -> None:
    (suite,) = read(FAILED.model_copy(update={"error": "E-INTERNAL"}))
    (case,) = suite
    assert case.result[0].type == "E-INTERNAL"


@given(st.text(st.characters(exclude_categories=[]), max_size=40))
def test_no_text_breaks_the_document(text: str) -> None:
    one = check("tools.x", "failed", found=text, wanted=text, remedy=text)
    assert len(list(read(one))) == 1

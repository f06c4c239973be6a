"""How the answer of a predictor is judged, and what is recognised as left behind."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from bootstrap.core.errors import Interrupted
from bootstrap.verify import predictor
from bootstrap.verify.areas.deployment import LISTENING, left_behind
from bootstrap.verify.check import Outcome
from bootstrap.verify.predictor import Predictor, ask
from tests.unit.checks.fake_service import Answer, serving
from tests.unit.verify.subjects import subject_in

MADE = Predictor(Path("/nowhere"), {"trip_distance": 2.0}, 12.5)
ANSWERS: list[tuple[Answer, str, str]] = [
    ((200, {"predictions": [12.5]}), "passed", "12.5 minutes"),
    ((200, {"predictions": [12.6]}), "failed", "it predicts 12.6 where the model says 12.5"),
    ((200, {"predictions": ["12.5"]}), "failed", "it predicts 12.5 where"),
    ((200, {"predictions": [12.5, 12.5]}), "failed", "it predicts None"),
    ((200, {"predictions": 12.5}), "failed", "it predicts None"),
    ((200, []), "failed", "it predicts None"),
    ((500, "ValueError: X has 3 features"), "failed", "X has 3 features"),
]


@pytest.mark.parametrize(("answer", "outcome", "found"), ANSWERS)
def test_a_prediction(answer: Answer, outcome: str, found: str, tmp_path: Path) -> None:
    answers: dict[str, Any] = {"POST /predict": answer}
    with serving(answers) as fake, subject_in(tmp_path) as subject:
        finding = ask(MADE, subject, lambda: fake.url, lambda: "")
    assert (finding.outcome, found in finding.found) == (outcome, True), finding
    assert fake.asked == [("POST /predict", b'{"trip_distance": 2.0}')]


def test_a_predictor_that_starts_slowly_is_asked_again(tmp_path: Path) -> None:
    answers: dict[str, Any] = {"POST /predict": (200, {"predictions": [12.5]})}
    with serving(answers) as fake, subject_in(tmp_path) as subject:
        places = iter(["", "http://127.0.0.1:1", fake.url])
        finding = ask(MADE, subject, lambda: next(places), lambda: "")
    assert finding.outcome is Outcome.PASSED


def test_a_predictor_that_ends_says_its_last_lines(tmp_path: Path) -> None:
    with subject_in(tmp_path) as subject:
        finding = ask(MADE, subject, lambda: "", lambda: "ModuleNotFoundError: flask")
    assert finding.outcome is Outcome.FAILED
    assert finding.found == "the predictor ended: ModuleNotFoundError: flask"


def test_a_predictor_that_never_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictor, "STARTS_S", 0.3)
    with subject_in(tmp_path) as subject:
        assert "no answer within" in ask(MADE, subject, lambda: "", lambda: "").found


def test_waiting_ends_on_ctrl_c(tmp_path: Path) -> None:
    with subject_in(tmp_path) as subject, pytest.raises(Interrupted):
        ask(MADE, subject, lambda: subject.cancel.request() or "", lambda: "")  # type: ignore[func-returns-value]


def test_the_port_is_read_from_what_gunicorn_says() -> None:
    line = "[2026-01-01 10:00:00 +0000] [7] [INFO] Listening at: http://127.0.0.1:39171 (7)"
    found = LISTENING.search(line)
    assert found
    assert found[1] == "http://127.0.0.1:39171"


@pytest.mark.parametrize(
    ("when", "left"),
    [(f"{time.time():.6f}", False), (f"{time.time() - 3600}", True), ("x", True)],
    ids=["now", "an hour ago", "no time"],
)
def test_what_killed_checks_left_is_told_by_its_age(when: str, left: bool) -> None:
    assert left_behind(when) is left

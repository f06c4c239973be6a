from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import Any

import pytest

from bootstrap.checks import tracking
from bootstrap.checks.api import Api
from bootstrap.checks.tracking_work import MLFLOW, artifact_path
from bootstrap.core.errors import BootstrapError
from tests.unit.checks.fake_service import Answer, serving

REST = "/api/2.0/mlflow"
RUN = {"run_id": "r" * 32, "artifact_uri": "mlflow-artifacts:/1/r/artifacts"}
STARTED: dict[str, Answer | list[Answer]] = {
    "GET /health": (200, "OK"),
    f"GET {REST}/experiments/get-by-name": (
        200,
        {"experiment": {"experiment_id": "1", "lifecycle_stage": "active"}},
    ),
    f"POST {REST}/runs/create": (200, {"run": {"info": RUN}}),
    f"POST {REST}/runs/update": (200, {}),
}


def failure(answers: dict[str, Any], deadline_s: float = 5) -> BootstrapError:
    with serving(answers) as fake, pytest.raises(BootstrapError) as caught:
        tracking.prove_tracking(fake.url, deadline_s=deadline_s)
    assert caught.value.where == fake.url
    assert caught.value.remedy
    return caught.value


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as held:  # bound and not listening: nobody else can answer here
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(BootstrapError) as caught:
            tracking.prove_tracking(url, deadline_s=1)
    assert caught.value.code == "E-MLFLOW-UNREACHABLE"
    assert "refused" in caught.value.what
    assert "mlops-bootstrap logs mlflow" in caught.value.remedy


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((500, "out of order"), "E-MLFLOW-HTTP"),
        ((403, "Invalid Host header - possible DNS rebinding"), "E-MLFLOW-HOST"),
        ((200, "<html>"), "E-MLFLOW-ANSWER"),
    ],
)
def test_what_the_server_refuses_has_a_code(answer: Answer, code: str) -> None:
    found = failure(STARTED | {f"POST {REST}/runs/create": answer})
    assert found.code == code


def test_a_server_that_never_gets_ready_meets_the_deadline() -> None:
    found = failure(STARTED | {"GET /health": (503, "starting")}, deadline_s=0.4)
    assert found.code == "E-MLFLOW-HTTP"
    assert "503" in found.what


def test_a_server_that_starts_slowly_is_waited_for() -> None:
    health: list[Answer] = [(503, "starting"), (503, "starting"), (200, "OK")]
    found = failure(STARTED | {"GET /health": health})
    assert found.code == "E-MLFLOW-HTTP"  # past the waiting: log-batch is not served here
    assert "log-batch" in found.what


def test_a_value_that_comes_back_changed_is_found_and_the_run_ends_failed() -> None:
    answers = STARTED | {
        f"POST {REST}/runs/log-batch": (200, {}),
        f"GET {REST}/runs/get": (200, {"run": {"data": {"metrics": [{"value": -1.0}]}}}),
    }
    with serving(answers) as fake, pytest.raises(BootstrapError) as caught:
        tracking.prove_tracking(fake.url, deadline_s=5)
    assert caught.value.code == "E-MLFLOW-PROOF"
    assert b"FAILED" in dict(fake.asked)[f"POST {REST}/runs/update"]


def test_artifacts_that_bypass_the_server_are_found() -> None:
    run = RUN | {"artifact_uri": "/srv/artifacts"}
    with pytest.raises(BootstrapError) as caught:
        artifact_path(Api(MLFLOW, "http://x", deadline_s=1), run["artifact_uri"])
    assert caught.value.code == "E-MLFLOW-ARTIFACTS"


@pytest.mark.parametrize(
    ("stage", "tags", "expected"),
    [
        ("active", {tracking.PROVEN: "1000"}, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
        ("active", {"other": "1000"}, None),
        ("deleted", {tracking.PROVEN: "1000"}, None),
    ],
)
def test_the_last_proof_is_what_the_server_remembers(
    stage: str, tags: dict[str, str], expected: datetime | None
) -> None:
    listed = [{"key": key, "value": value} for key, value in tags.items()]
    experiment = {"experiment_id": "1", "lifecycle_stage": stage, "tags": listed}
    answers = {f"GET {REST}/experiments/get-by-name": (200, {"experiment": experiment})}
    with serving(answers) as fake:
        assert tracking.last_proof(fake.url) == expected


def test_no_experiment_is_no_proof() -> None:
    with serving({}) as fake:
        assert tracking.last_proof(fake.url) is None

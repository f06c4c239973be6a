from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bootstrap.checks import orchestration
from bootstrap.checks.answers import answers as answers_at
from bootstrap.core.errors import BootstrapError
from tests.unit.checks.fake_service import Answer, serving

END = "2026-01-02T03:04:05.000000Z"


def run(state: str, message: str = "") -> Answer:
    ended = {"state_type": state, "state_name": state.title(), "state": {"message": message}}
    return 200, {"id": "w", "end_time": END} | ended


WORKING: dict[str, Answer | list[Answer]] = {
    "GET /api/ready": (200, {}),
    "POST /api/flows/": (201, {"id": "f"}),
    "POST /api/flow_runs/": (201, {"id": "a"}),
    "POST /api/flow_runs/a/set_state": (200, {"status": "ACCEPT"}),
    "GET /api/flow_runs/a": run("COMPLETED"),
    "GET /api/work_pools/default": [(404, {}), (200, {})],
    "POST /api/deployments/": (201, {"id": "d"}),
    "POST /api/deployments/d/create_flow_run": (201, {"id": "w"}),
    "GET /api/flow_runs/w": [run("SCHEDULED"), run("RUNNING"), run("COMPLETED")],
    "DELETE /api/flow_runs/w": (204, ""),
    "POST /api/work_pools/default/workers/filter": (
        200,
        [{"status": "ONLINE", "last_heartbeat_time": END}],
    ),
    "POST /api/logs/filter": (200, [{"message": "last"}, {"message": "first"}]),
    "POST /api/flow_runs/filter": (200, [{"id": str(n), "end_time": END} for n in range(6)]),
    "DELETE /api/flow_runs/5": (204, ""),
}


def failure(changed: dict[str, Any], deadline_s: float = 10) -> BootstrapError:
    with serving(WORKING | changed) as fake, pytest.raises(BootstrapError) as caught:
        orchestration.prove_orchestration(
            fake.url, flow_folder="/flows", pool="default", deadline_s=deadline_s
        )
    assert caught.value.where == fake.url
    assert caught.value.remedy
    return caught.value


def test_a_proof_waits_for_the_worker_and_keeps_five_runs() -> None:
    with serving(WORKING) as fake:
        proof = orchestration.prove_orchestration(
            fake.url, flow_folder="/flows", pool="default", deadline_s=10
        )
    assert proof.ended == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert fake.times("GET /api/flow_runs/w") == 3
    assert fake.times("DELETE /api/flow_runs/5") == 2  # the API's flow and the worker's


def test_a_flow_that_fails_shows_its_last_log_lines_in_order() -> None:
    found = failure({"GET /api/flow_runs/w": run("FAILED", "KeyError: 'x'")})
    assert found.code == "E-PREFECT-FLOW"
    assert found.what.endswith("Failed: KeyError: 'x'\nfirst\nlast")


@pytest.mark.parametrize(
    ("workers", "code"),
    [
        ([], "E-PREFECT-WORKER"),
        ([{"status": "ONLINE", "last_heartbeat_time": END}], "E-PREFECT-DEADLINE"),
    ],
)
def test_a_run_that_nobody_ends_is_taken_back(workers: list[Any], code: str) -> None:
    answers = WORKING | {
        "GET /api/flow_runs/w": run("SCHEDULED"),
        "POST /api/work_pools/default/workers/filter": (200, workers),
    }
    with serving(answers) as fake, pytest.raises(BootstrapError) as caught:
        orchestration.prove_orchestration(
            fake.url, flow_folder="/flows", pool="default", deadline_s=1
        )
    assert caught.value.code == code
    assert fake.times("DELETE /api/flow_runs/w") == 1


def test_a_server_that_is_busy_for_a_moment_is_asked_again() -> None:
    question = "POST /api/deployments/"
    busy: list[Any] = [(503, {"exception_message": "Service Unavailable"}), WORKING[question]]
    with serving(WORKING | {question: busy}) as fake:
        orchestration.prove_orchestration(
            fake.url, flow_folder="/flows", pool="default", deadline_s=5
        )
        assert fake.times(question) == 2


def test_a_pool_that_never_comes() -> None:
    found = failure({"GET /api/work_pools/default": (404, {})}, deadline_s=0.5)
    assert found.code == "E-PREFECT-DEADLINE"
    assert "work pool `default`" in found.what


def test_a_state_that_the_server_rejects() -> None:
    found = failure({"POST /api/flow_runs/a/set_state": (200, {"status": "REJECT"})})
    assert found.code == "E-PREFECT-STATE"


@pytest.mark.parametrize(
    ("runs", "expected"),
    [([], None), ([{"end_time": END}], datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))],
)
def test_the_last_proof_is_what_the_server_remembers(
    runs: list[Any], expected: datetime | None
) -> None:
    with serving({"POST /api/flow_runs/filter": (200, runs)}) as fake:
        assert orchestration.last_proof(fake.url) == expected


def test_answers_is_a_plain_yes_or_no() -> None:
    with serving({"GET /health": (200, "OK"), "GET /sick": (503, "")}) as fake:
        assert answers_at(fake.url + "/health")
        assert not answers_at(fake.url + "/sick")
    assert not answers_at(fake.url + "/health")

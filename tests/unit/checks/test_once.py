"""Proofs that leave nothing: what they take back, and that they do so however they end."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from bootstrap.checks import own_names
from bootstrap.checks.orchestration_once import prove_deployment, prove_flow
from bootstrap.checks.tracking import read_back
from bootstrap.checks.tracking_once import prove_without_trace, room_for_a_model
from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError, Interrupted
from tests.unit.checks.fake_service import Answer, serving
from tests.unit.checks.test_orchestration import WORKING as PREFECT
from tests.unit.checks.test_orchestration import run

REST = "/api/2.0/mlflow"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
NOW = int(time.time() * 1000)
OLD = NOW - 3_600_000
RUN = {"run_id": "r", "artifact_uri": "mlflow-artifacts:/7/r/artifacts", "end_time": NOW}
EXPERIMENT = {
    "experiment_id": "7", "artifact_location": "mlflow-artifacts:/7", "lifecycle_stage": "active",
}  # fmt: skip
MLFLOW: dict[str, Answer | list[Answer]] = {
    f"POST {REST}/experiments/search": (200, {}),
    f"GET {REST}/registered-models/search": (200, {}),
    f"POST {REST}/experiments/create": (200, {"experiment_id": "7"}),
    f"GET {REST}/experiments/get-by-name": (200, {"experiment": EXPERIMENT}),
    f"GET {REST}/experiments/get": (200, {"experiment": EXPERIMENT}),
    f"POST {REST}/runs/create": (200, {"run": {"info": RUN}}),
    f"POST {REST}/experiments/delete": (200, {}),
    f"DELETE {ARTIFACTS}/7": (200, {}),
}


def test_an_experiment_is_removed_where_the_proof_fails_half_way() -> None:
    with serving(MLFLOW) as fake, pytest.raises(BootstrapError) as caught:
        prove_without_trace(fake.url, deadline_s=5)
    assert "log-batch" in caught.value.what  # not served here
    assert fake.times(f"DELETE {ARTIFACTS}/7") == 1
    assert fake.times(f"POST {REST}/experiments/delete") == 1


def test_the_first_error_counts_and_not_that_of_cleaning_up() -> None:
    broken = MLFLOW | {f"POST {REST}/experiments/delete": (500, "out of order")}
    with serving(broken) as fake, pytest.raises(BootstrapError) as caught:
        prove_without_trace(fake.url, deadline_s=5)
    assert "log-batch" in caught.value.what


def test_only_the_own_folder_of_an_experiment_is_deleted() -> None:
    elsewhere = EXPERIMENT | {"artifact_location": "mlflow-artifacts:/shared"}
    answers = MLFLOW | {f"GET {REST}/experiments/get": (200, {"experiment": elsewhere})}
    with serving(answers) as fake, pytest.raises(BootstrapError):
        prove_without_trace(fake.url, deadline_s=5)
    assert not [asked for asked, _ in fake.asked if asked.startswith(f"DELETE {ARTIFACTS}")]


DELETED = f"DELETE {REST}/registered-models/delete"
GONE: list[Answer] = [(200, {}), (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})]


@pytest.mark.parametrize("answer", GONE, ids=["registered", "nobody came to register it"])
def test_room_for_a_model_is_gone_with_what_was_put_into_it(answer: Answer) -> None:
    with serving(MLFLOW | {DELETED: answer}) as fake:
        with room_for_a_model(fake.url, deadline_s=5) as room:
            assert room.experiment == "7"
            assert fake.times(DELETED) == 0
        deleted = [body for asked, body in fake.asked if asked == DELETED]
        assert deleted == [json.dumps({"name": room.name}).encode()]
        assert own_names.PREFIX in room.name
        assert fake.times(f"DELETE {ARTIFACTS}/7") == 1
        assert fake.times(f"POST {REST}/experiments/delete") == 1


def test_a_model_that_stays_is_said_and_its_experiment_goes_all_the_same() -> None:
    answers = MLFLOW | {DELETED: (500, "out of order")}
    with serving(answers) as fake:
        with (
            pytest.raises(BootstrapError, match="out of order"),
            room_for_a_model(fake.url, deadline_s=5),
        ):
            pass
        assert fake.times(f"POST {REST}/experiments/delete") == 1


def test_room_is_gone_after_ctrl_c_too() -> None:
    cancel = Cancel()
    cancel.request()
    with serving(MLFLOW | {DELETED: (200, {})}) as fake:
        with pytest.raises(Interrupted), room_for_a_model(fake.url, deadline_s=5):
            cancel.check()
        assert (fake.times(DELETED), fake.times(f"POST {REST}/experiments/delete")) == (1, 1)


def test_what_killed_proofs_left_is_removed_and_what_others_are_at_is_not() -> None:
    left = [
        {"experiment_id": "7", "creation_time": OLD},
        {"experiment_id": "8", "creation_time": NOW},
    ]
    models = [
        {"name": "old", "creation_timestamp": OLD},
        {"name": "new", "creation_timestamp": NOW},
    ]
    answers = MLFLOW | {
        f"POST {REST}/experiments/search": (200, {"experiments": left}),
        f"GET {REST}/registered-models/search": (200, {"registered_models": models}),
        f"DELETE {REST}/registered-models/delete": (200, {}),
        f"POST {REST}/runs/create": (500, "enough"),
    }
    with serving(answers) as fake, pytest.raises(BootstrapError):
        prove_without_trace(fake.url, deadline_s=5)
    deleted = [body for asked, body in fake.asked if asked == f"POST {REST}/experiments/delete"]
    assert deleted == [b'{"experiment_id": "7"}'] * 2  # the one left behind, and its own
    models_deleted = [b for a, b in fake.asked if a == f"DELETE {REST}/registered-models/delete"]
    assert models_deleted == [b'{"name": "old"}']


LOST: list[tuple[Answer, str]] = [
    ((500, "No such artifact"), "E-MLFLOW-LOST"),
    ((404, "No such artifact"), "E-MLFLOW-LOST"),
    ((200, "something else"), "E-MLFLOW-PROOF"),
]


@pytest.mark.parametrize(("artifact", "code"), LOST)
def test_an_artifact_that_is_gone_or_changed_is_told(artifact: Answer, code: str) -> None:
    tags = [{"key": "mlops-bootstrap.sha256", "value": "0" * 64}]
    found = {"runs": [{"info": RUN, "data": {"tags": tags}}]}
    answers = MLFLOW | {
        f"POST {REST}/runs/search": (200, found),
        f"GET {ARTIFACTS}/7/r/artifacts/proof.bin": artifact,
    }
    with serving(answers) as fake, pytest.raises(BootstrapError) as caught:
        read_back(fake.url, deadline_s=5)
    assert caught.value.code == code


@pytest.mark.parametrize("stage", ["deleted", "active"])
def test_without_an_earlier_run_there_is_nothing_to_read_back(stage: str) -> None:
    experiment = {"experiment": EXPERIMENT | {"lifecycle_stage": stage}}
    answers = MLFLOW | {
        f"GET {REST}/experiments/get-by-name": (200, experiment),
        f"POST {REST}/runs/search": (200, {}),
    }
    with serving(answers) as fake:
        assert read_back(fake.url, deadline_s=5) is None


FLOWS: dict[str, Any] = PREFECT | {
    "POST /api/flows/filter": (200, []),
    "DELETE /api/flows/f": (204, ""),
}


def test_a_flow_of_its_own_is_removed_with_its_runs() -> None:
    with serving(FLOWS) as fake:
        prove_flow(fake.url, deadline_s=5)
    made = [body for asked, body in fake.asked if asked == "POST /api/flows/"]
    assert own_names.PREFIX.encode() in made[0]
    assert fake.times("DELETE /api/flows/f") == 1


def test_flows_of_killed_proofs_are_removed() -> None:
    left = [
        {"id": "old", "created": "2020-01-02T03:04:05Z"},
        {"id": "new", "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())},
    ]
    answers = FLOWS | {"POST /api/flows/filter": (200, left), "DELETE /api/flows/old": (204, "")}
    with serving(answers) as fake:
        prove_flow(fake.url, deadline_s=5)
    assert [asked for asked, _ in fake.asked if asked.startswith("DELETE")] == [
        "DELETE /api/flows/old", "DELETE /api/flows/f",
    ]  # fmt: skip


def test_a_deployment_is_taken_back_on_ctrl_c() -> None:
    cancel = Cancel()

    def interrupted(seconds: float) -> None:
        cancel.request()
        cancel.sleep(seconds)

    answers = FLOWS | {"GET /api/flow_runs/w": run("SCHEDULED")}
    with serving(answers) as fake, pytest.raises(Interrupted):
        prove_deployment(
            fake.url, pool="default", flow_folder="/flows", deadline_s=30, sleep=interrupted
        )
    assert fake.times("DELETE /api/flow_runs/w") == 1
    assert fake.times("DELETE /api/flows/f") == 1


def test_a_deployment_of_verify_is_not_about_mlflow() -> None:
    with serving(FLOWS) as fake:
        prove_deployment(fake.url, pool="default", flow_folder="/flows", deadline_s=30)
    (made,) = [body for asked, body in fake.asked if asked == "POST /api/deployments/"]
    assert json.loads(made)["job_variables"]["env"] == {"MLFLOW_TRACKING_URI": ""}

"""Proof that MLflow does its work which leaves nothing in anybody's lists.

MLflow deletes experiments and runs by hiding them; models and artifacts really go. So an experiment
of its own is made each time: the lists stay as they were, and no name that matters is used up.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

from bootstrap.checks import own_names
from bootstrap.checks.api import Api, HttpError, Json, Sleep
from bootstrap.checks.tracking_work import (
    ARTIFACTS,
    MLFLOW,
    REST,
    artifact_path,
    create_experiment,
    delete_model,
    end_run,
    prove_artifact,
    prove_model,
    prove_values,
    start_run,
)


def prove_without_trace(url: str, *, deadline_s: float, sleep: Sleep = time.sleep) -> None:
    """Write an experiment, a run with metric, param and artifact, a model version and an alias;
    read all of it back and remove it, also where that fails or is cancelled.

    Raises BootstrapError with what did not go well, Interrupted where sleep does.
    """
    api = Api(MLFLOW, url, deadline_s=deadline_s, sleep=sleep)
    forget_left_behind(api)
    name = own_names.new_name()
    with _experiment(api, name) as experiment:
        run = start_run(api, experiment)
        prove_values(api, run)
        prove_artifact(api, run)
        prove_model(api, run, name)
        end_run(api, run, "FINISHED")


@dataclass(frozen=True, slots=True)
class Room:
    """Where somebody else may put a model: an experiment by its id, and a name to register by."""

    experiment: str
    name: str


@contextmanager
def room_for_a_model(url: str, *, deadline_s: float, sleep: Sleep = time.sleep) -> Iterator[Room]:
    """Room for a run and a registered model, gone afterwards with all that was put into it.

    Raises BootstrapError where MLflow does not make it or does not take it away again.
    """
    api = Api(MLFLOW, url, deadline_s=deadline_s, sleep=sleep)
    name = own_names.new_name()
    with (
        _experiment(api, name) as experiment,
        own_names.gone_afterwards(lambda: _forget_model(api.late(), name)),
    ):
        yield Room(experiment, name)


def forget_left_behind(api: Api) -> None:
    """Remove what proofs left that were killed."""
    where = f"name LIKE '{own_names.PREFIX}%'"
    body = {"filter": where, "max_results": 100, "view_type": "ACTIVE_ONLY"}
    found = api.call("POST", f"{REST}/experiments/search", body).get("experiments", [])
    for experiment in found:
        if own_names.is_stale(int(experiment["creation_time"]) / 1000):
            _remove(api, experiment["experiment_id"])
    asked = {"filter": where, "max_results": "100"}
    models = api.call("GET", f"{REST}/registered-models/search", query=asked)
    for model in models.get("registered_models", []):
        if own_names.is_stale(int(model["creation_timestamp"]) / 1000):
            delete_model(api, model["name"])


@contextmanager
def _experiment(api: Api, name: str) -> Iterator[str]:
    """An experiment that is gone afterwards."""
    experiment = create_experiment(api, name)
    with own_names.gone_afterwards(lambda: _remove(api.late(), experiment)):
        found = api.call("GET", f"{REST}/experiments/get-by-name", query={"experiment_name": name})
        if found["experiment"]["experiment_id"] != experiment:
            raise api.error("PROOF", "an experiment came back different from what was written")
        yield experiment


def _forget_model(api: Api, name: str) -> None:
    """Delete a registered model. It may be that nobody came to register it."""
    try:
        delete_model(api, name)
    except HttpError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise


def _remove(api: Api, experiment: str) -> None:
    """Delete an experiment, its runs, and the folder with its artifacts."""
    asked = {"experiment_id": experiment}
    found: Json = api.call("GET", f"{REST}/experiments/get", query=asked)["experiment"]
    folder = artifact_path(api, found["artifact_location"])
    if folder == f"{ARTIFACTS}/{experiment}":  # its own folder, and no other
        api.send("DELETE", folder)
    api.call("POST", f"{REST}/experiments/delete", asked)

"""Proof that MLflow does its work: a run, an artifact and a model, written and read back."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from bootstrap.checks.api import Api, HttpError, Json, Sleep
from bootstrap.checks.tracking_work import (
    ARTIFACT,
    DIGEST,
    KIND,
    MLFLOW,
    REST,
    TAG,
    artifact_path,
    create_experiment,
    end_run,
    expect_same,
    moment,
    prove_artifact,
    prove_model,
    prove_values,
    search_runs,
    start_run,
)
from bootstrap.host import web

if TYPE_CHECKING:
    from requests import Session

EXPERIMENT = "mlops-bootstrap-health"
PROVEN = "mlops-bootstrap.proven"
"""Tag of the experiment: when a proof last went well, in milliseconds since the epoch."""
KEPT = 5
QUICK_S = 5.0


@dataclass(frozen=True, slots=True)
class TrackingProof:
    """What was proven: the run that holds metric, param and artifact, and when it ended."""

    run_id: str
    ended: datetime


def prove_tracking(
    url: str, *, deadline_s: float, session: Session | None = None, sleep: Sleep = time.sleep
) -> TrackingProof:
    """Write a run with metric, param and artifact and a model version; read all of it back."""
    api = Api(MLFLOW, url, deadline_s=deadline_s, session=session, sleep=sleep)
    api.ready("/health")
    experiment = _experiment(api)
    run = start_run(api, experiment)
    try:
        prove_values(api, run)
        prove_artifact(api, run)
        # A name of its own each time: two proofs at once do not meet.
        prove_model(api, run, f"{EXPERIMENT}-{run['run_id'][:8]}")
    except BaseException:
        end_run(api.late(), run, "FAILED")
        raise
    ended = end_run(api, run, "FINISHED")
    _remember(api, experiment, ended)
    _forget_old(api, experiment)
    return TrackingProof(run["run_id"], ended)


def last_proof(url: str) -> datetime | None:
    """When the newest proof that went well ended, as the server remembers it.

    None where there is none, and where the server does not answer.
    """
    asked = f"{REST}/experiments/get-by-name?experiment_name={EXPERIMENT}"
    try:
        experiment = web.ask_json(url, "GET", asked, timeout=QUICK_S)["experiment"]
    except (OSError, web.RefusalError):
        return None
    if experiment["lifecycle_stage"] != "active":
        return None
    tags = {tag["key"]: tag["value"] for tag in experiment.get("tags", ())}
    return moment(tags[PROVEN]) if PROVEN in tags else None


def read_back(url: str, *, deadline_s: float) -> datetime | None:
    """When the newest proof wrote a run and an artifact that are here as they were written.

    None where no proof left any. Raises BootstrapError, E-MLFLOW-LOST where the run is there and
    its artifact is not.
    """
    api = Api(MLFLOW, url, deadline_s=deadline_s)
    experiment = _find_experiment(api)
    if experiment is None or experiment["lifecycle_stage"] != "active":
        return None
    where = f"tags.`{TAG}` = '{KIND}' and attributes.status = 'FINISHED'"
    found = search_runs(api, experiment["experiment_id"], where, 1)
    if not found:
        return None
    info = found[0]["info"]
    tags = {tag["key"]: tag["value"] for tag in found[0]["data"].get("tags", ())}
    try:
        path = f"{artifact_path(api, info['artifact_uri'])}/{ARTIFACT}"
        content = api.send("GET", path).content
    except HttpError as error:
        what = f"the run of {moment(info['end_time']):%Y-%m-%d %H:%M} is there, its artifact is not"
        raise api.error("LOST", what) from error
    digest = hashlib.sha256(content).hexdigest()
    expect_same(api, "an artifact", digest, tags.get(DIGEST, digest))
    return moment(info["end_time"])


def _find_experiment(api: Api) -> Json | None:
    try:
        found = api.call(
            "GET", f"{REST}/experiments/get-by-name", query={"experiment_name": EXPERIMENT}
        )
    except HttpError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise
    return cast("Json", found["experiment"])


def _experiment(api: Api) -> str:
    """The experiment's id; made when it is new, restored when someone deleted it."""
    found = _find_experiment(api)
    if found is None:
        return create_experiment(api, EXPERIMENT)
    if found["lifecycle_stage"] != "active":
        body = {"experiment_id": found["experiment_id"]}
        api.call("POST", f"{REST}/experiments/restore", body)
    return str(found["experiment_id"])


def _remember(api: Api, experiment: str, ended: datetime) -> None:
    """Note at the experiment when it was proven: one cheap question for a later run."""
    value = str(int(ended.timestamp() * 1000))
    body = {"experiment_id": experiment, "key": PROVEN, "value": value}
    api.call("POST", f"{REST}/experiments/set-experiment-tag", body)


def _forget_old(api: Api, experiment: str) -> None:
    """Keep the newest proofs of either kind: the experiment is for people to look at, too."""
    for kind in (KIND, "worker"):
        where = f"tags.`{TAG}` = '{kind}'"
        for run in search_runs(api, experiment, where, 100)[KEPT:]:
            info = run["info"]
            if kind == KIND:
                api.send("DELETE", f"{artifact_path(api, info['artifact_uri'])}/{ARTIFACT}")
            api.call("POST", f"{REST}/runs/delete", {"run_id": info["run_id"]})

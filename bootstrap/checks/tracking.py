"""Proof that MLflow does its work: a run, an artifact and a model, written and read back."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlsplit

from bootstrap.checks.api import Api, HttpError, Json, Service, Sleep
from bootstrap.host import web

if TYPE_CHECKING:
    from requests import Session

MLFLOW = Service("MLflow", "mlflow")
EXPERIMENT = "mlops-bootstrap-health"
TAG = "mlops-bootstrap.proof"
PROVEN = "mlops-bootstrap.proven"
"""Tag of the experiment: when a proof last went well, in milliseconds since the epoch."""
KIND = "tracking"
"""The tag's value on runs made here; the proof flow of the worker marks its own with `worker`."""
KEPT = 5
QUICK_S = 5.0

REST = "/api/2.0/mlflow"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"


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
    run = _start_run(api, experiment)
    try:
        _prove_values(api, run)
        _prove_artifact(api, run)
        _prove_model(api, run)
    except BaseException:
        _end_run(api, run, "FAILED")
        raise
    ended = _end_run(api, run, "FINISHED")
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
    return _moment(tags[PROVEN]) if PROVEN in tags else None


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
        made = api.call("POST", f"{REST}/experiments/create", {"name": EXPERIMENT})
        return str(made["experiment_id"])
    if found["lifecycle_stage"] != "active":
        body = {"experiment_id": found["experiment_id"]}
        api.call("POST", f"{REST}/experiments/restore", body)
    return str(found["experiment_id"])


def _start_run(api: Api, experiment: str) -> Json:
    body = {
        "experiment_id": experiment,
        "run_name": KIND,
        "start_time": _now_ms(),
        "tags": [{"key": TAG, "value": KIND}],
    }
    return cast("Json", api.call("POST", f"{REST}/runs/create", body)["run"]["info"])


def _prove_values(api: Api, run: Json) -> None:
    metric, param = secrets.randbelow(10**6) / 8, secrets.token_hex(8)
    body = {
        "run_id": run["run_id"],
        "metrics": [{"key": "proof", "value": metric, "timestamp": _now_ms(), "step": 0}],
        "params": [{"key": "proof", "value": param}],
    }
    api.call("POST", f"{REST}/runs/log-batch", body)
    data = api.call("GET", f"{REST}/runs/get", query={"run_id": run["run_id"]})["run"]["data"]
    _expect_same(api, "a metric", data.get("metrics", [{}])[0].get("value"), metric)
    _expect_same(api, "a param", data.get("params", [{}])[0].get("value"), param)


def _prove_artifact(api: Api, run: Json) -> None:
    content = secrets.token_bytes(4096)
    path = f"{_artifact_path(api, run)}/proof.bin"
    api.send("PUT", path, data=content)
    _expect_same(api, "an artifact", api.send("GET", path).content, content)
    listed = api.call("GET", f"{REST}/artifacts/list", query={"run_id": run["run_id"]})
    names = [file["path"] for file in listed.get("files", [])]
    _expect_same(api, "the list of artifacts", names, ["proof.bin"])


def _artifact_path(api: Api, run: Json) -> str:
    """The address of a run's artifacts behind the server's proxy."""
    uri = urlsplit(run["artifact_uri"])
    if uri.scheme != "mlflow-artifacts":
        what = f"artifacts go to {uri.scheme or 'a path'}, not through the server"
        raise api.error("ARTIFACTS", what, "start the server with --serve-artifacts")
    return f"{ARTIFACTS}/{quote(uri.path.lstrip('/'))}"


def _prove_model(api: Api, run: Json) -> None:
    """A name of its own each time: two proofs at once do not meet."""
    name = f"{EXPERIMENT}-{run['run_id'][:8]}"
    api.call("POST", f"{REST}/registered-models/create", {"name": name})
    try:
        source = {"name": name, "source": run["artifact_uri"], "run_id": run["run_id"]}
        made = api.call("POST", f"{REST}/model-versions/create", source)["model_version"]
        version = {"name": name, "version": str(made["version"])}
        found = api.call("GET", f"{REST}/model-versions/get", query=version)["model_version"]
        _expect_same(api, "a model version", found["run_id"], run["run_id"])
        api.call("DELETE", f"{REST}/model-versions/delete", version)
    finally:
        api.call("DELETE", f"{REST}/registered-models/delete", {"name": name})


def _end_run(api: Api, run: Json, status: str) -> datetime:
    ended = _now_ms()
    body = {"run_id": run["run_id"], "status": status, "end_time": ended}
    try:
        api.call("POST", f"{REST}/runs/update", body)
    except HttpError:
        if status == "FINISHED":  # of a failed proof the first error counts, not this one
            raise
    return _moment(ended)


def _remember(api: Api, experiment: str, ended: datetime) -> None:
    """Note at the experiment when it was proven: one cheap question for a later run."""
    value = str(int(ended.timestamp() * 1000))
    body = {"experiment_id": experiment, "key": PROVEN, "value": value}
    api.call("POST", f"{REST}/experiments/set-experiment-tag", body)


def _forget_old(api: Api, experiment: str) -> None:
    """Keep the newest proofs of either kind: the experiment is for people to look at, too."""
    for kind in (KIND, "worker"):
        where = f"tags.`{TAG}` = '{kind}'"
        for run in _search(api, experiment, where, "attributes.start_time DESC", 100)[KEPT:]:
            if kind == KIND:
                api.send("DELETE", f"{_artifact_path(api, run)}/proof.bin")
            api.call("POST", f"{REST}/runs/delete", {"run_id": run["run_id"]})


def _search(api: Api, experiment: str, where: str, order: str, limit: int) -> list[Json]:
    body = {
        "experiment_ids": [experiment],
        "filter": where,
        "order_by": [order],
        "max_results": limit,
    }
    found = api.call("POST", f"{REST}/runs/search", body)
    return [run["info"] for run in found.get("runs", [])]


def _expect_same(api: Api, thing: str, found: object, written: object) -> None:
    if found != written:
        raise api.error("PROOF", f"{thing} came back different from what was written")


def _now_ms() -> int:
    return int(time.time() * 1000)


def _moment(milliseconds: int | str) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)

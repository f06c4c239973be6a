"""What proofs write to MLflow and read back, and how they take it away again."""

from __future__ import annotations

import hashlib
import secrets
import time
from datetime import UTC, datetime
from typing import cast
from urllib.parse import quote, urlsplit

from bootstrap.checks.api import Api, HttpError, Json, Service

MLFLOW = Service("MLflow", "mlflow")
TAG = "mlops-bootstrap.proof"
DIGEST = "mlops-bootstrap.sha256"
"""Tag of a run: the digest of its artifact, so that a later look can tell whether it is whole."""
KIND = "tracking"
"""The tag's value on runs made here; the proof flow of the worker marks its own with `worker`."""
ARTIFACT = "proof.bin"
ALIAS = "proven"
PAGE = 1000

REST = "/api/2.0/mlflow"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"


def create_experiment(api: Api, name: str) -> str:
    """Make an experiment; its id."""
    return str(api.call("POST", f"{REST}/experiments/create", {"name": name})["experiment_id"])


def start_run(api: Api, experiment: str) -> Json:
    """Start a run in an experiment; what the server says of it."""
    body = {
        "experiment_id": experiment,
        "run_name": KIND,
        "start_time": now_ms(),
        "tags": [{"key": TAG, "value": KIND}],
    }
    return cast("Json", api.call("POST", f"{REST}/runs/create", body)["run"]["info"])


def end_run(api: Api, run: Json, status: str) -> datetime:
    """End a run; when that was."""
    ended = now_ms()
    body = {"run_id": run["run_id"], "status": status, "end_time": ended}
    try:
        api.call("POST", f"{REST}/runs/update", body)
    except HttpError:
        if status == "FINISHED":  # of a failed proof the first error counts, not this one
            raise
    return moment(ended)


def prove_values(api: Api, run: Json) -> None:
    """A metric and a param come back as they were written."""
    metric, param = secrets.randbelow(10**6) / 8, secrets.token_hex(8)
    body = {
        "run_id": run["run_id"],
        "metrics": [{"key": "proof", "value": metric, "timestamp": now_ms(), "step": 0}],
        "params": [{"key": "proof", "value": param}],
    }
    api.call("POST", f"{REST}/runs/log-batch", body)
    data = api.call("GET", f"{REST}/runs/get", query={"run_id": run["run_id"]})["run"]["data"]
    expect_same(api, "a metric", data.get("metrics", [{}])[0].get("value"), metric)
    expect_same(api, "a param", data.get("params", [{}])[0].get("value"), param)


def prove_artifact(api: Api, run: Json) -> None:
    """A file comes back as it was written, and is listed; its digest is noted at the run."""
    content = secrets.token_bytes(4096)
    path = f"{artifact_path(api, run['artifact_uri'])}/{ARTIFACT}"
    api.send("PUT", path, data=content)
    expect_same(api, "an artifact", api.send("GET", path).content, content)
    listed = api.call("GET", f"{REST}/artifacts/list", query={"run_id": run["run_id"]})
    names = [file["path"] for file in listed.get("files", [])]
    expect_same(api, "the list of artifacts", names, [ARTIFACT])
    digest = hashlib.sha256(content).hexdigest()
    body = {"run_id": run["run_id"], "key": DIGEST, "value": digest}
    api.call("POST", f"{REST}/runs/set-tag", body)


def prove_model(api: Api, run: Json, name: str) -> None:
    """A model of this name, with a version and an alias for it, comes back; then it is gone."""
    api.call("POST", f"{REST}/registered-models/create", {"name": name})
    try:
        source = {"name": name, "source": run["artifact_uri"], "run_id": run["run_id"]}
        made = api.call("POST", f"{REST}/model-versions/create", source)["model_version"]
        version = {"name": name, "version": str(made["version"])}
        found = api.call("GET", f"{REST}/model-versions/get", query=version)["model_version"]
        expect_same(api, "a model version", found["run_id"], run["run_id"])
        api.call("POST", f"{REST}/registered-models/alias", {**version, "alias": ALIAS})
        asked = {"name": name, "alias": ALIAS}
        found = api.call("GET", f"{REST}/registered-models/alias", query=asked)["model_version"]
        expect_same(api, "what an alias stands for", str(found["version"]), version["version"])
        api.call("DELETE", f"{REST}/model-versions/delete", version)
    finally:
        delete_model(api.late(), name)


def delete_model(api: Api, name: str) -> None:
    """Delete a registered model with its versions and aliases."""
    api.call("DELETE", f"{REST}/registered-models/delete", {"name": name})


def artifact_path(api: Api, location: str) -> str:
    """The address of artifacts behind the server's proxy; location is an `artifact_uri`."""
    uri = urlsplit(location)
    if uri.scheme != "mlflow-artifacts":
        what = f"artifacts go to {uri.scheme or 'a path'}, not through the server"
        raise api.error("ARTIFACTS", what, "start the server with --serve-artifacts")
    return f"{ARTIFACTS}/{quote(uri.path.lstrip('/'))}"


def search_runs(api: Api, experiment: str, where: str, limit: int) -> list[Json]:
    """Runs of an experiment that are not deleted, the newest first."""
    body = {
        "experiment_ids": [experiment],
        "filter": where,
        "order_by": ["attributes.start_time DESC"],
        "max_results": limit,
    }
    return list(api.call("POST", f"{REST}/runs/search", body).get("runs", []))


def expect_same(api: Api, thing: str, found: object, written: object) -> None:
    """Raise E-MLFLOW-PROOF where something came back different."""
    if found != written:
        raise api.error("PROOF", f"{thing} came back different from what was written")


def now_ms() -> int:
    """Now, in milliseconds since the epoch, as MLflow counts."""
    return int(time.time() * 1000)


def moment(milliseconds: int | str) -> datetime:
    """A time as MLflow counts it."""
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def deleted_experiments(api: Api) -> list[Json]:
    """The experiments that are deleted, whose names MLflow keeps."""
    found: list[Json] = []
    token = ""
    while True:
        body = {"view_type": "DELETED_ONLY", "max_results": PAGE, "page_token": token}
        answer = api.call("POST", f"{REST}/experiments/search", body)
        found += answer.get("experiments", [])
        token = answer.get("next_page_token", "")
        if not token:
            return found

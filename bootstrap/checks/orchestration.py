"""Proof that Prefect does its work: the API runs a flow, and the worker runs a deployment."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from bootstrap.checks.api import Api, HttpError, Json, Service, Sleep
from bootstrap.core.errors import BootstrapError
from bootstrap.host import web

if TYPE_CHECKING:
    from requests import Session

PREFECT = Service("Prefect", "prefect")
API_FLOW = "mlops-bootstrap-health"
WORKER_FLOW = "mlops-bootstrap-proof"
"""The name that proof_flow.py gives its flow; the deployment is called by it, too."""
ENTRYPOINT = "proof_flow.py:proof"
ENDED = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
KEPT = 5
LOG_LINES = 12
LOOK_AT_WORKER = "run `mlops-bootstrap logs worker`: its last lines say why"
QUICK_S = 5.0


@dataclass(frozen=True, slots=True)
class OrchestrationProof:
    """What was proven: the flow run that a worker took to Completed, and when it ended."""

    flow_run_id: str
    ended: datetime


def prove_orchestration(
    url: str,
    *,
    pool: str,
    deadline_s: float,
    flow_folder: str,
    session: Session | None = None,
    sleep: Sleep = time.sleep,
) -> OrchestrationProof:
    """Bring a flow run to Completed through the API, then have a worker run a deployment.

    flow_folder is where proof_flow.py is for the worker.
    """
    api = Api(PREFECT, url, deadline_s=deadline_s, session=session, sleep=sleep)
    api.ready("/api/ready")
    _prove_states(api)
    run = _run_deployment(api, _deployment(api, pool, flow_folder), pool)
    for flow in (API_FLOW, WORKER_FLOW):
        _forget_old(api, flow)
    return OrchestrationProof(run["id"], datetime.fromisoformat(run["end_time"]))


def last_proof(url: str) -> datetime | None:
    """When the newest proof that a worker completed ended, as the server remembers it.

    None where there is none, and where the server does not answer.
    """
    body = {
        "deployments": {"name": {"any_": [WORKER_FLOW]}},
        "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
        "sort": "END_TIME_DESC",
        "limit": 1,
    }
    try:
        found = web.ask_json(url, "POST", "/api/flow_runs/filter", body, timeout=QUICK_S)
    except (OSError, web.RefusalError):
        return None
    return datetime.fromisoformat(found[0]["end_time"]) if found else None


def _flow(api: Api, name: str) -> str:
    return str(api.call("POST", "/api/flows/", {"name": name})["id"])


def _prove_states(api: Api) -> None:
    body = {"flow_id": _flow(api, API_FLOW), "state": {"type": "PENDING"}}
    run = api.call("POST", "/api/flow_runs/", body)["id"]
    for state in ("RUNNING", "COMPLETED"):
        answer = api.call("POST", f"/api/flow_runs/{run}/set_state", {"state": {"type": state}})
        if answer["status"] != "ACCEPT":
            raise api.error("STATE", f"the server did not let a flow run become {state}")
    if _flow_run(api, run)["state_type"] != "COMPLETED":
        raise api.error("STATE", "a flow run that was completed is read back as something else")


def _deployment(api: Api, pool: str, folder: str) -> str:
    """The proof's deployment, made or brought up to date, once the worker has made its pool."""
    api.until(lambda: _has_pool(api, pool), bool, f"no worker made the work pool `{pool}`")
    body = {
        "name": WORKER_FLOW,
        "flow_id": _flow(api, WORKER_FLOW),
        "work_pool_name": pool,
        "entrypoint": ENTRYPOINT,
        "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": folder}}],
        "description": "Made by mlops-bootstrap to prove that the worker works.",
    }
    return str(api.call("POST", "/api/deployments/", body)["id"])


def _has_pool(api: Api, pool: str) -> bool:
    try:
        api.call("GET", f"/api/work_pools/{pool}")
    except HttpError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return False
        raise
    return True


def _run_deployment(api: Api, deployment: str, pool: str) -> Json:
    run = str(api.call("POST", f"/api/deployments/{deployment}/create_flow_run", {})["id"])
    try:
        ended = api.until(
            lambda: _flow_run(api, run),
            lambda seen: seen["state_type"] in ENDED,
            "the worker did not end the flow run",
        )
    except BootstrapError as error:
        raise _abandon(api, run, pool, error) from error
    if ended["state_type"] != "COMPLETED":
        said = (ended.get("state") or {}).get("message") or ""
        lines = "\n".join(("", *_log_lines(api, run)))
        what = f"the worker's flow run ended as {ended['state_name']}: {said}{lines}"
        raise api.error("FLOW", what, LOOK_AT_WORKER)
    return ended


def _abandon(api: Api, run: str, pool: str, error: BootstrapError) -> BootstrapError:
    """Take the run back, so that it does not start later; the error that says most about why.

    It has a few seconds of its own: that the deadline passed is why it is called.
    """
    late = Api(PREFECT, api.url, deadline_s=QUICK_S)
    try:
        late.call("DELETE", f"/api/flow_runs/{run}")
        if not _online(late, pool):
            return api.error("WORKER", f"no worker of the pool `{pool}` is online", LOOK_AT_WORKER)
    except BootstrapError:  # what went wrong before this says more
        return error
    return BootstrapError(error.code, error.what, where=error.where, remedy=LOOK_AT_WORKER)


def _online(api: Api, pool: str) -> bool:
    workers = api.call("POST", f"/api/work_pools/{pool}/workers/filter", {})
    return any(worker["status"] == "ONLINE" for worker in workers)


def _flow_run(api: Api, run: str) -> Json:
    return cast("Json", api.call("GET", f"/api/flow_runs/{run}"))


def _log_lines(api: Api, run: str) -> list[str]:
    body = {
        "logs": {"flow_run_id": {"any_": [run]}},
        "sort": "TIMESTAMP_DESC",
        "limit": LOG_LINES,
    }
    newest_first = api.call("POST", "/api/logs/filter", body)
    return [str(line["message"]) for line in reversed(newest_first)]


def _forget_old(api: Api, flow: str) -> None:
    body = {"flows": {"name": {"any_": [flow]}}, "sort": "START_TIME_DESC", "limit": 100}
    for run in api.call("POST", "/api/flow_runs/filter", body)[KEPT:]:
        api.call("DELETE", f"/api/flow_runs/{run['id']}")

"""What proofs have Prefect do: a flow run through the API, and a deployment that a worker runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import cast

from bootstrap.checks.api import Api, HttpError, Json, Service
from bootstrap.core.errors import BootstrapError, Interrupted

PREFECT = Service("Prefect", "prefect")
ENTRYPOINT = "proof_flow.py:proof"
ENDED = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
LOG_LINES = 12
LOOK_AT_WORKER = "run `mlops-bootstrap logs worker`: its last lines say why"


def create_flow(api: Api, name: str) -> str:
    """Make a flow, or find the one of this name; its id."""
    return str(api.call("POST", "/api/flows/", {"name": name})["id"])


def prove_states(api: Api, flow: str) -> None:
    """Bring a run of the flow from pending to completed."""
    body = {"flow_id": flow, "state": {"type": "PENDING"}}
    run = api.call("POST", "/api/flow_runs/", body)["id"]
    for state in ("RUNNING", "COMPLETED"):
        answer = api.call("POST", f"/api/flow_runs/{run}/set_state", {"state": {"type": state}})
        if answer["status"] != "ACCEPT":
            raise api.error("STATE", f"the server did not let a flow run become {state}")
    if _flow_run(api, run)["state_type"] != "COMPLETED":
        raise api.error("STATE", "a flow run that was completed is read back as something else")


def create_deployment(
    api: Api, name: str, flow: str, *, pool: str, folder: str, job: Mapping[str, object] = {}
) -> str:
    """Make a deployment of the proof's flow, or bring it up to date; its id.

    folder is where proof_flow.py is for the worker, job what its process gets besides (`command`,
    `env`: the variables of a process work pool).
    """
    body = {
        "name": name,
        "flow_id": flow,
        "work_pool_name": pool,
        "entrypoint": ENTRYPOINT,
        "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": folder}}],
        "job_variables": dict(job),
        "description": "Made by mlops-bootstrap to prove that the worker works.",
    }
    return str(api.call("POST", "/api/deployments/", body)["id"])


def run_deployment(api: Api, deployment: str, pool: str) -> Json:
    """Have a worker bring a run of a deployment to completed; the run."""
    run = str(api.call("POST", f"/api/deployments/{deployment}/create_flow_run", {})["id"])
    try:
        ended = api.until(
            lambda: _flow_run(api, run),
            lambda seen: seen["state_type"] in ENDED,
            "the worker did not end the flow run",
        )
    except Interrupted:
        api.late().call("DELETE", f"/api/flow_runs/{run}")
        raise
    except BootstrapError as error:
        raise _abandon(api.late(), run, pool, error) from error
    if ended["state_type"] != "COMPLETED":
        said = (ended.get("state") or {}).get("message") or ""
        lines = "\n".join(("", *_log_lines(api, run)))
        what = f"the worker's flow run ended as {ended['state_name']}: {said}{lines}"
        raise api.error("FLOW", what, LOOK_AT_WORKER)
    return ended


def find_pool(api: Api, pool: str) -> Json | None:
    """The work pool of this name, None where there is none."""
    try:
        return cast("Json", api.call("GET", f"/api/work_pools/{pool}"))
    except HttpError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise


def last_heartbeat(api: Api, pool: str) -> datetime | None:
    """When a worker of the pool that counts as online was heard last; None where none does."""
    workers = api.call("POST", f"/api/work_pools/{pool}/workers/filter", {})
    online = (worker for worker in workers if worker["status"] == "ONLINE")
    return max((datetime.fromisoformat(w["last_heartbeat_time"]) for w in online), default=None)


def _abandon(late: Api, run: str, pool: str, error: BootstrapError) -> BootstrapError:
    """Take the run back, so that it does not start later; the error that says most about why."""
    try:
        late.call("DELETE", f"/api/flow_runs/{run}")
        if last_heartbeat(late, pool) is None:
            return late.error("WORKER", f"no worker of the pool `{pool}` is online", LOOK_AT_WORKER)
    except BootstrapError:  # what went wrong before this says more
        return error
    return BootstrapError(error.code, error.what, where=error.where, remedy=LOOK_AT_WORKER)


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

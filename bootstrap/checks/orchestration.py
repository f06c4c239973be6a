"""Proof that Prefect does its work: the API runs a flow, and the worker runs a deployment."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bootstrap.checks.api import Api, Sleep
from bootstrap.checks.orchestration_work import (
    PREFECT,
    create_deployment,
    create_flow,
    find_pool,
    prove_states,
    run_deployment,
)
from bootstrap.host import web

if TYPE_CHECKING:
    from requests import Session

API_FLOW = "mlops-bootstrap-health"
WORKER_FLOW = "mlops-bootstrap-proof"
"""The name that proof_flow.py gives its flow; the deployment is called by it, too."""
KEPT = 5
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
    prove_states(api, create_flow(api, API_FLOW))
    # The worker makes its pool when it starts.
    api.until(
        lambda: find_pool(api, pool) is not None, bool, f"no worker made the work pool `{pool}`"
    )
    flow = create_flow(api, WORKER_FLOW)
    deployment = create_deployment(api, WORKER_FLOW, flow, pool=pool, folder=flow_folder)
    run = run_deployment(api, deployment, pool)
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


def _forget_old(api: Api, flow: str) -> None:
    body = {"flows": {"name": {"any_": [flow]}}, "sort": "START_TIME_DESC", "limit": 100}
    for run in api.call("POST", "/api/flow_runs/filter", body)[KEPT:]:
        api.call("DELETE", f"/api/flow_runs/{run['id']}")

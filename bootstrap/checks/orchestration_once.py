"""Proofs that Prefect does its work which leave nothing: with a flow of their own, which takes its
runs and deployments with it when it is deleted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from bootstrap.checks import own_names
from bootstrap.checks.api import Api, Sleep
from bootstrap.checks.orchestration_work import (
    PREFECT,
    create_deployment,
    create_flow,
    prove_states,
    run_deployment,
)

JOB = {"command": "python -m prefect.engine", "env": {"MLFLOW_TRACKING_URI": ""}}
"""In one process, where Prefect would run the pull steps in another before: that takes as long
again, and `up` proves it. And without MLflow, to which the proof's flow logs where it is told of
one: it is not what is proven here."""


def prove_flow(url: str, *, deadline_s: float, sleep: Sleep = time.sleep) -> None:
    """Bring a flow run to Completed through the API, and remove it."""
    api = Api(PREFECT, url, deadline_s=deadline_s, sleep=sleep)
    forget_left_behind(api)
    with _own_flow(api, own_names.new_name()) as flow:
        prove_states(api, flow)


def prove_deployment(
    url: str, *, pool: str, flow_folder: str, deadline_s: float, sleep: Sleep = time.sleep
) -> None:
    """Have a worker of the pool run a deployment to Completed, and remove it.

    flow_folder is where proof_flow.py is for the worker. Raises BootstrapError, Interrupted where
    sleep does; in either case nothing is left.
    """
    api = Api(PREFECT, url, deadline_s=deadline_s, sleep=sleep)
    name = own_names.new_name()
    with _own_flow(api, name) as flow:
        deployment = create_deployment(api, name, flow, pool=pool, folder=flow_folder, job=JOB)
        run_deployment(api, deployment, pool)


def forget_left_behind(api: Api) -> None:
    """Remove what proofs left that were killed."""
    body = {"flows": {"name": {"like_": own_names.PREFIX}}, "limit": 100}
    for flow in api.call("POST", "/api/flows/filter", body):
        if own_names.is_stale(datetime.fromisoformat(flow["created"]).timestamp()):
            _delete(api, flow["id"])


@contextmanager
def _own_flow(api: Api, name: str) -> Iterator[str]:
    """A flow that is gone afterwards."""
    flow = create_flow(api, name)
    with own_names.gone_afterwards(lambda: _delete(api.late(), flow)):
        yield flow


def _delete(api: Api, flow: str) -> None:
    api.call("DELETE", f"/api/flows/{flow}")

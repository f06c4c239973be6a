"""What each service has to prove, whatever runtime it runs in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from bootstrap.checks import orchestration, tracking
from bootstrap.host.host import HostView
from bootstrap.runtimes.runtime import POOL, Runtime
from bootstrap.steps.health import Proof


def proofs(runtime: Runtime, view: HostView) -> tuple[Proof, ...]:
    """One proof for each service that clients talk to."""
    return (_tracking(runtime, view), _orchestration(runtime, view))


def _tracking(runtime: Runtime, view: HostView) -> Proof:
    url, limit = runtime.url("mlflow"), runtime.services["mlflow"].deadline

    def track(sleep: Callable[[float], None]) -> object:
        return tracking.prove_tracking(url, deadline_s=limit, sleep=sleep)

    last = partial(tracking.last_proof, url)
    return Proof("mlflow", track, last, partial(_since, runtime, view, "mlflow"))


def _orchestration(runtime: Runtime, view: HostView) -> Proof:
    url, limit = runtime.url("prefect"), runtime.services["prefect"].deadline

    def run(sleep: Callable[[float], None]) -> object:
        prove = orchestration.prove_orchestration
        return prove(url, pool=POOL, deadline_s=limit, flow_folder=runtime.flows, sleep=sleep)

    last = partial(orchestration.last_proof, url)
    return Proof("prefect", run, last, partial(_since, runtime, view, "worker"))


def _since(runtime: Runtime, view: HostView, service: str) -> datetime | None:
    return runtime.started(view, service)

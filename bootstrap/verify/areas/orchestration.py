"""Prefect: flows and deployments come to their end, on the right server."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from bootstrap.checks.orchestration_once import prove_deployment, prove_flow
from bootstrap.checks.orchestration_work import PREFECT, find_pool, last_heartbeat
from bootstrap.runtimes.runtime import POOL
from bootstrap.verify import servers, variables
from bootstrap.verify.check import Check, Finding, Outcome, failed, passed
from bootstrap.verify.servers import Server, api_of
from bootstrap.verify.subject import Subject

SERVER = Server(PREFECT, "/api/health", "/api/ready", "/api/admin/version")

FLOW_S = 60.0
DEPLOYMENT_S = 180.0
"""Seconds until the worker has run a deployment: it looks for work every 3 s, and starting a flow
takes 4 s on an idle machine."""

HEARD_S = 90.0
"""Seconds since a worker's last sign of life: it gives one every 30; Prefect waits for three."""

CLOUD = "prefect.cloud"
LOOK_AT_WORKER = "mlops-bootstrap up || mlops-bootstrap logs worker"


def _server(subject: Subject) -> Finding:
    return servers.answers(SERVER, subject)


def _schema(subject: Subject) -> Finding:
    return servers.schema(SERVER, subject)


def _variable(subject: Subject) -> Finding:
    found = variables.points_here("PREFECT_API_URL", subject)
    profile, url = _profile(subject)
    if found.outcome is Outcome.PASSED and _in_cloud(url):
        return failed(
            f"the Prefect profile `{profile}` leads to {url} where the environment is not active",
            wanted="a profile that does not lead to Prefect Cloud",
            remedy="mlops-bootstrap run -- prefect profile use local",
        )
    return found


def _profile(subject: Subject) -> tuple[str, str]:
    """Name and address of the active profile, empty where there is none.

    As Prefect finds it: docs.prefect.io, "How to manage settings".
    """
    environ = subject.view.environ
    home = Path(environ.get("PREFECT_HOME") or subject.view.paths.home / ".prefect")
    file = Path(environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml")
    try:
        kept = tomllib.loads(file.read_text())
    except (OSError, ValueError):  # Prefect says itself what is wrong with a file of its own
        return "", ""
    name = str(environ.get("PREFECT_PROFILE") or kept.get("active", ""))
    profiles = kept.get("profiles", {})
    settings = profiles.get(name, {}) if isinstance(profiles, dict) else {}
    return name, str(settings.get("PREFECT_API_URL", ""))


def _in_cloud(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == CLOUD or host.endswith(f".{CLOUD}")


def _flow(subject: Subject) -> Finding:
    url = subject.runtime.url("prefect")
    prove_flow(url, deadline_s=FLOW_S, sleep=subject.cancel.sleep)
    return passed("a run came to Completed through the API")


def _worker(subject: Subject) -> Finding:
    if state := servers.ill(subject, "worker"):
        return _no_worker(state)
    api = api_of(PREFECT, subject)
    pool = find_pool(api, POOL)
    if pool is None:
        return _no_worker(f"there is no work pool `{POOL}`")
    if pool.get("is_paused"):
        return failed(
            f"the work pool `{POOL}` is paused: its worker gets no work",
            wanted="a work pool that is not paused",
            remedy=f"mlops-bootstrap run -- prefect work-pool resume {POOL}",
        )
    heard = last_heartbeat(api, POOL)
    if heard is None:
        return _no_worker(f"no worker of the pool `{POOL}` is online")
    ago = (datetime.now(UTC) - heard).total_seconds()
    if ago > HEARD_S:
        return _no_worker(f"the worker was last heard {ago:.0f} s ago")
    return passed(f"online in the pool `{POOL}`, last heard {max(0.0, ago):.0f} s ago")


def _no_worker(found: str) -> Finding:
    return failed(found, wanted=f"a worker of the pool `{POOL}` that runs", remedy=LOOK_AT_WORKER)


def _deployment(subject: Subject) -> Finding:
    runtime = subject.runtime
    prove_deployment(
        runtime.url("prefect"),
        pool=POOL,
        flow_folder=runtime.flows,
        deadline_s=DEPLOYMENT_S,
        sleep=subject.cancel.sleep,
    )
    return passed("the worker picked it up and completed it")


_UP = ("orchestration.server",)

CHECKS = (
    Check(
        "orchestration.server",
        "Prefect answers and is of the client's version",
        _server,
        requires=("tools.engine",),
    ),
    Check(
        "orchestration.schema",
        "Prefect's database has the client's schema",
        _schema,
        requires=(*_UP, "tools.compose"),
    ),
    Check("orchestration.variable", "PREFECT_API_URL leads to this machine's Prefect", _variable),
    Check("orchestration.flow", "A flow run completes", _flow, requires=_UP),
    Check("orchestration.worker", "A worker waits for work", _worker, requires=_UP),
    Check(
        "orchestration.deployment",
        "The worker runs a deployment",
        _deployment,
        requires=("orchestration.worker",),
    ),
)

"""What MLflow's server, Prefect's server and a worker are told, where no container is around them.

The same as in compose/compose.yaml, where that has a meaning without containers; the databases are
files. `lock prove` starts its servers with these settings too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bootstrap.runtimes.runtime import POOL

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
LOOPBACK = "127.0.0.1"

MLFLOW_DATABASE, PREFECT_DATABASE = "mlflow.db", "prefect.db"
DATABASES: Mapping[str, str] = {"mlflow": MLFLOW_DATABASE, "prefect": PREFECT_DATABASE}
ARTIFACTS = "artifacts"
"""What the services keep in the folder of their data."""

HEALTH: Mapping[str, str] = {
    "mlflow": "/api/2.0/mlflow/experiments/get?experiment_id=0",
    "prefect": "/api/ready",
    "worker": "/health",
}
"""The path of each service that answers 200 when it is healthy; the first two read the database."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The port of each that listens; the worker's is for its health alone."""

    mlflow: int
    prefect: int
    worker: int

    def of(self, service: str) -> int:
        """The port of a service by its name."""
        return int(getattr(self, service))

    def url(self, service: str) -> str:
        """Where a service is for this machine."""
        return f"http://{LOOPBACK}:{self.of(service)}"


def surroundings(prefix: Path, home: Path, settings: Path) -> dict[str, str]:
    """The variables of every process of the environment at prefix; settings is where Prefect
    keeps its own."""
    return {
        "PATH": f"{prefix / 'bin'}:{SYSTEM_PATH}",
        "CONDA_PREFIX": str(prefix),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GIT_PYTHON_REFRESH": "quiet",
        "PYTHONUNBUFFERED": "1",
        "PREFECT_HOME": str(settings),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "1",
    }


def clients(ports: Ports) -> dict[str, str]:
    """The variables by which clients find the servers."""
    return {
        "MLFLOW_TRACKING_URI": ports.url("mlflow"),
        "PREFECT_API_URL": f"{ports.url('prefect')}/api",
    }


def mlflow(ports: Ports, folder: Path, bind: str = LOOPBACK) -> dict[str, str]:
    """The variables of MLflow's server; database and artifacts are in the folder."""
    return {
        "MLFLOW_HOST": bind,
        "MLFLOW_PORT": str(ports.mlflow),
        "MLFLOW_WORKERS": "1",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_BACKEND_STORE_URI": f"sqlite:///{folder / MLFLOW_DATABASE}",
        "MLFLOW_ARTIFACTS_DESTINATION": str(folder / ARTIFACTS),
        "MLFLOW_SERVE_ARTIFACTS": "true",
        "MLFLOW_SERVER_ALLOWED_HOSTS": "localhost:*,127.0.0.1:*,[::1]:*",
        "MLFLOW_UVICORN_OPTS": "--no-access-log",
    }


def prefect(ports: Ports, folder: Path, bind: str = LOOPBACK) -> dict[str, str]:
    """The variables of Prefect's server; database and pages are in the folder."""
    return {
        "PREFECT_SERVER_API_HOST": bind,
        "PREFECT_SERVER_API_PORT": str(ports.prefect),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": (
            f"sqlite+aiosqlite:///{folder / PREFECT_DATABASE}"
        ),
        "PREFECT_SERVER_UI_API_URL": "/api",
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(folder / "prefect-ui"),
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }


def worker(ports: Ports, query_seconds: int) -> dict[str, str]:
    """The variables of a worker that looks for work every so many seconds."""
    return {
        **clients(ports),
        "PREFECT_WORKER_QUERY_SECONDS": str(query_seconds),
        "PREFECT_WORKER_WEBSERVER_HOST": LOOPBACK,
        "PREFECT_WORKER_WEBSERVER_PORT": str(ports.worker),
    }


def worker_command(name: str) -> tuple[str, ...]:
    """What starts a worker of the pool, by the name that the server shows."""
    kind = ("--name", name, "--pool", POOL, "--type", "process")
    return ("prefect", "worker", "start", *kind, "--install-policy", "never", "--with-healthcheck")

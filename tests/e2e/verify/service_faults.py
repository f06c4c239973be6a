"""Faults of MLflow, Prefect and what leads to them, each as it comes about."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import requests

from bootstrap.host.supervisor import Supervisor
from tests.e2e.machine import Machine
from tests.e2e.verify.fault import Fault
from tests.lab.in_container import in_container

BOTH = ("docker", "native")
PROJECT = "mlops-zoomcamp"
CLOUD = "https://api.prefect.cloud/api/accounts/1/workspaces/2"
ARTIFACTS = "/var/lib/mlops-bootstrap/artifacts"
PATIENCE = 120.0
DELETED = "nyc-taxi-experiment"


@contextlib.contextmanager
def container(machine: Machine, service: str) -> Iterator[Any]:
    client = docker.DockerClient(base_url=machine.environ["DOCKER_HOST"])
    try:
        yield client.containers.get(f"{PROJECT}-{service}-1")
    finally:
        client.close()


def inside(machine: Machine, service: str, script: str, user: str = "") -> str:
    """Run a shell script in a service's container; gives what it printed."""
    name, argv = f"{PROJECT}-{service}-1", ["sh", "-ec", script]
    done = in_container(machine.environ["DOCKER_HOST"], name, argv, user=user)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def services(machine: Machine) -> Path:
    return machine.home / ".local/share/mlops-bootstrap/native" / PROJECT


def until(what: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < ends
        time.sleep(0.5)


def paused(service: str) -> Callable[[Machine], Machine]:
    def inject(machine: Machine) -> Machine:
        with container(machine, service) as found:
            found.pause()
        return machine

    return inject


def goes_on(service: str) -> Callable[[Machine], None]:
    def mend(machine: Machine) -> None:
        with container(machine, service) as found:
            found.unpause()

            def healthy() -> bool:
                found.reload()
                return bool(found.health == "healthy")

            if service == "worker":  # the only one whose health is looked at while it answers
                until(healthy)

    return mend


def _worker(machine: Machine) -> tuple[Supervisor, Any]:
    supervisor = Supervisor(services(machine) / "supervisor.sock")
    (process,) = (p for p in supervisor.processes() or () if p.name == "worker")
    return supervisor, process


def worker_stopped(machine: Machine) -> Machine:
    supervisor, process = _worker(machine)
    supervisor.stop(process)
    return machine


def worker_started(machine: Machine) -> None:
    supervisor, process = _worker(machine)
    supervisor.start(process)
    status = f"http://127.0.0.1:{(services(machine) / 'worker.port').read_text()}/health"

    def healthy() -> bool:
        try:
            return requests.get(status, timeout=5).status_code == 200
        except requests.RequestException:
            return False

    until(healthy)


def metadata(machine: Machine, version: str) -> Path:
    (found,) = machine.prefix.glob(f"lib/python3*/site-packages/mlflow-{version}.dist-info")
    return found


def other_client(machine: Machine) -> Machine:
    """As after `pip install mlflow==2.0.1`, to whoever reads metadata."""
    found = metadata(machine, "3.*")
    (machine.home / "mlflow.version").write_text(found.name)
    found.rename(found.with_name("mlflow-2.0.1.dist-info"))
    return machine


def same_client(machine: Machine) -> None:
    kept = machine.home / "mlflow.version"
    found = metadata(machine, "2.0.1")
    found.rename(found.with_name(kept.read_text()))
    kept.unlink()


def activation(machine: Machine) -> Path:
    return machine.home / ".local/share/mlops-bootstrap/shell/activate.sh"


def edited_activation(machine: Machine) -> Machine:
    file = activation(machine)
    shutil.copy2(file, file.with_suffix(".kept"))
    right = machine.url("mlflow")
    file.write_text(file.read_text().replace(right, "http://127.0.0.1:5999"))
    return machine


def whole_activation(machine: Machine) -> None:
    file = activation(machine)
    file.with_suffix(".kept").replace(file)


def mlflow(machine: Machine, path: str, **body: str) -> Any:
    url = f"{machine.url('mlflow')}/api/2.0/mlflow/experiments/{path}"
    answer = requests.post(url, json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()


def _deleted_id(machine: Machine) -> str:
    found = mlflow(machine, "search", view_type="ALL", max_results="1000")["experiments"]
    return str(next((e["experiment_id"] for e in found if e["name"] == DELETED), ""))


def delete_experiment(machine: Machine) -> Machine:
    identity = _deleted_id(machine) or mlflow(machine, "create", name=DELETED)["experiment_id"]
    mlflow(machine, "delete", experiment_id=identity)
    return machine


def restore_experiment(machine: Machine) -> None:
    mlflow(machine, "restore", experiment_id=_deleted_id(machine))


def no_artifacts(machine: Machine) -> Machine:
    keep = "tar -cf /tmp/artifacts.tar *"
    inside(machine, "mlflow", f"cd {ARTIFACTS}; {keep}; find . -mindepth 1 -delete")
    return machine


def artifacts_again(machine: Machine) -> None:
    inside(machine, "mlflow", f"cd {ARTIFACTS}; tar -xf /tmp/artifacts.tar; rm /tmp/artifacts.tar")


def artifacts_mode(mode: int) -> Callable[[Machine], Machine]:
    def change(machine: Machine) -> Machine:
        inside(machine, "mlflow", f"chmod {mode:o} {ARTIFACTS}", user="0")
        return machine

    return change


def no_folder(machine: Machine) -> Machine:
    folder = services(machine) / "data" / "artifacts"
    folder.rename(folder.with_name("artifacts.kept"))
    return machine


def folder_again(machine: Machine) -> None:
    folder = services(machine) / "data" / "artifacts"
    shutil.rmtree(folder, ignore_errors=True)  # what was written meanwhile
    folder.with_name("artifacts.kept").rename(folder)


def _script(verb: str) -> Callable[[Machine], None]:
    """Move the page's script away in the container, or back."""

    def move(machine: Machine) -> None:
        folder = f"{machine.prefix}/lib/python3*/site-packages/mlflow/server/js/build/static"
        moves = {"away": "mv js js.kept", "back": "mv js.kept js"}
        inside(machine, "mlflow", f"cd {folder}; {moves[verb]}", user="0")

    return move


def no_script(machine: Machine) -> Machine:
    _script("away")(machine)
    return machine


NEWER = "feedfacefeed"


def _set_schema(machine: Machine, service: str, revision: str) -> None:
    statement = f"UPDATE alembic_version SET version_num = '{revision}'"
    if machine.runtime == "docker":
        ask = f'psql -h 127.0.0.1 -U {service} -d {service} -qc "{statement}"'
        inside(machine, "postgres", ask)
        return
    file = services(machine) / "data" / f"{service}.db"
    with contextlib.closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as database:
        database.execute(statement)


def _schema(machine: Machine, service: str) -> str:
    if machine.runtime == "docker":
        ask = f"psql -h 127.0.0.1 -U {service} -d {service} -qtAc 'select * from alembic_version'"
        return inside(machine, "postgres", ask).strip()
    file = services(machine) / "data" / f"{service}.db"
    with contextlib.closing(sqlite3.connect(file, timeout=30)) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def newer_schema(service: str) -> Callable[[Machine], Machine]:
    def inject(machine: Machine) -> Machine:
        (machine.home / "schema.kept").write_text(_schema(machine, service))
        _set_schema(machine, service, NEWER)
        return machine

    return inject


def own_schema(service: str) -> Callable[[Machine], None]:
    def mend(machine: Machine) -> None:
        _set_schema(machine, service, (machine.home / "schema.kept").read_text())

    return mend


def stray(machine: Machine) -> Path:
    return machine.home / PROJECT / "02-experiment-tracking" / "mlruns"


def runs_in_files(machine: Machine) -> Machine:
    (stray(machine) / "0").mkdir(parents=True)
    return machine


def no_runs_in_files(machine: Machine) -> None:
    shutil.rmtree(stray(machine))


def cloud_profile(machine: Machine) -> Machine:
    """As `prefect cloud login` leaves it."""
    folder = machine.home / ".prefect"
    folder.mkdir(exist_ok=True)
    text = f'active = "work"\n\n[profiles.work]\nPREFECT_API_URL = "{CLOUD}"\n'
    (folder / "profiles.toml").write_text(text)
    return machine


def no_profile(machine: Machine) -> None:
    (machine.home / ".prefect" / "profiles.toml").unlink()


def pool_paused(value: bool) -> Callable[[Machine], Machine]:
    def change(machine: Machine) -> Machine:
        url = f"{machine.url('prefect')}/api/work_pools/default"
        requests.patch(url, json={"is_paused": value}, timeout=30).raise_for_status()
        return machine

    return change


TRACKING = (
    Fault(
        "MLflow stands still", paused("mlflow"), goes_on("mlflow"),
        failed=("tracking.server",),
    ),
    Fault(
        "MLflow's client is of another version", other_client, same_client,
        failed=("tracking.server", "environment.packages"), runtimes=BOTH,
    ),
    Fault(
        "MLFLOW_TRACKING_URI leads elsewhere in this shell",
        lambda machine: machine.with_variables(MLFLOW_TRACKING_URI="sqlite:///mlflow.db"),
        failed=("tracking.variable",), runtimes=BOTH,
    ),
    Fault(
        "the activation file was edited", edited_activation, whole_activation,
        failed=("tracking.variable",), runtimes=BOTH,
    ),
    Fault(
        "an experiment was deleted", delete_experiment, restore_experiment,
        warned=("tracking.deleted-experiment",), exit=0, runtimes=BOTH,
    ),
    Fault(
        "the volume with the artifacts was emptied", no_artifacts, artifacts_again,
        failed=("tracking.data",),
    ),
    Fault(
        "MLflow may not write artifacts", artifacts_mode(0o555),
        lambda machine: artifacts_mode(0o1777)(machine) and None,
        failed=("tracking.roundtrip",),
    ),
    Fault(
        "the folder with the artifacts was moved", no_folder, folder_again,
        failed=("tracking.data",), runtimes=("native",),
    ),
    Fault(
        "a script of MLflow's page is gone", no_script, _script("back"), failed=("tracking.page",),
    ),
    Fault(
        "a newer MLflow changed the database", newer_schema("mlflow"), own_schema("mlflow"),
        failed=("tracking.schema",), runtimes=BOTH,
    ),
    Fault(
        "runs went into files of the clone", runs_in_files, no_runs_in_files,
        warned=("tracking.stray-files",), exit=0, runtimes=BOTH,
    ),
)  # fmt: skip

ORCHESTRATION = (
    Fault(
        "Prefect stands still", paused("prefect"), goes_on("prefect"),
        failed=("orchestration.server",),
    ),
    Fault(
        "the worker stands still", paused("worker"), goes_on("worker"),
        failed=("orchestration.worker",),
    ),
    Fault(
        "the worker stopped", worker_stopped, worker_started,
        failed=("orchestration.worker",),
        runtimes=("native",),
    ),
    Fault(
        "the work pool is paused", pool_paused(value=True),
        lambda machine: pool_paused(value=False)(machine) and None,
        failed=("orchestration.worker",),
    ),
    Fault(
        "PREFECT_API_URL leads to the cloud in this shell",
        lambda machine: machine.with_variables(PREFECT_API_URL=CLOUD),
        failed=("orchestration.variable",),
    ),
    Fault(
        "Prefect's profile leads to the cloud", cloud_profile, no_profile,
        failed=("orchestration.variable",), runtimes=("native",),
    ),
)  # fmt: skip

OF_BOTH = (
    Fault(
        "the database stands still", paused("postgres"), goes_on("postgres"),
        failed=("tracking.server", "orchestration.server"),
    ),
)  # fmt: skip

FAULTS = (*TRACKING, *ORCHESTRATION, *OF_BOTH)

"""An update to a newer MLflow and a rollback of a machine that is up: what a student logged stays,
and so does what did not change. It leaves the machine as it found it."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bootstrap.host.paths import Paths
from tests.e2e.machine import Machine
from tests.e2e.test_runtimes import READ, RUN
from tests.lab.engine import Engine
from tests.relocked import relocked, replaced, requirements_of, without

pytestmark = [pytest.mark.lab, pytest.mark.engine, pytest.mark.timeout(1800)]

NEWER_MLFLOW = {
    "mlflow": "5a1f818fa003035c724162096ce3ded7bc7bc47a1cae595df6173961983f4718"
    " --hash=sha256:dbf77f7cdb5b5c0ec59b4671c61730b1b914b4dff7a2892e267a547cb5454f56",
    "mlflow-skinny": "a4880e086365871ef9d78e727a34ea5fb1ce615689579998d48e8c65ee1665a9"
    " --hash=sha256:e50f4506422c7737157ae6643c165122af7898345f2e828fa93c4f10128653cf",
    "mlflow-tracing": "854488dd18068f15e2a56f1cc7b8868c611d09ea39068d0a691a3f07e0048cae"
    " --hash=sha256:c2f701e001d35964f23fbbdfdda36c818a76c157b912ae83781199fd714be09a",
}
NEWER = "3.14.0"
"""An MLflow whose database schema the MLflow of the shipped lock does not know; sha256 of each."""

DOWNGRADE = """
import os, sys
from alembic import command
from mlflow.store.db import utils
config = utils._get_alembic_config(os.environ["MLFLOW_BACKEND_STORE_URI"])
command.downgrade(config, sys.argv[1])
"""
SCHEMA = "select version_num from alembic_version"
COURSE_SERVICES = {"mlflow", "prefect", "worker"}


@pytest.fixture
def newer(machine: Machine, tmp_path: Path) -> tuple[str, ...]:
    """The options for the same machine with a lock of a newer MLflow, and without seaborn."""
    requirements = without(requirements_of(machine.course), "seaborn")
    for name, sha256 in NEWER_MLFLOW.items():
        line = f"{name}=={NEWER} --hash=sha256:{sha256}\n"
        requirements = replaced(requirements, name, line)
    course = relocked(machine.course, tmp_path / "newer", requirements)
    return dataclasses.replace(machine, course=course).up_options


@pytest.fixture
def back_at_last(machine: Machine) -> Iterator[None]:
    yield
    machine.ok("update", "--yes", "--plain", *machine.up_options)


def containers(engine: Engine) -> dict[str, str]:
    """The id of each service's container."""
    client = engine.client()
    try:
        label = {"label": "com.docker.compose.project=mlops-zoomcamp"}
        found = client.containers.list(filters=label)
        return {c.labels["com.docker.compose.service"]: str(c.id) for c in found}
    finally:
        client.close()


def images(engine: Engine) -> set[str]:
    client = engine.client()
    try:
        return {tag for image in client.images.list() for tag in image.tags}
    finally:
        client.close()


def docker(machine: Machine, *arguments: str) -> str:
    return machine.shell(shlex.join(("docker", *arguments))).strip()


def in_database(machine: Machine, statement: str) -> str:
    """Run SQL in MLflow's database."""
    psql = ("psql", "-h", "127.0.0.1", "-U", "mlflow", "-qtAc", statement)
    return docker(machine, "exec", "mlops-zoomcamp-postgres-1", *psql)


def read_back(machine: Machine, run: str) -> str:
    return machine.ok("run", "--", "python", "-W", "ignore", "-c", READ, run).strip()


def state(machine: Machine) -> dict[str, Any]:
    status = machine.json("status")
    assert status["healthy"]
    assert status["drift"] == []
    return {name: status[name] for name in ("generation", "previous", "held", "lock")}


def refused(machine: Machine, *command: str) -> None:
    """A command ends with the error that names cause and way out, without waiting for anything."""
    done = machine.run(*command, deadline=60)
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "E-SCHEMA-NEWER" in said
    assert "a newer MLflow upgraded the database" in said
    assert "mlops-bootstrap update" in said


def test_an_update_and_a_rollback_keep_the_data(
    machine: Machine, engine: Engine, newer: tuple[str, ...], back_at_last: None
) -> None:
    run = machine.ok("run", "--", "python", "-W", "ignore", "-c", RUN).split()[-1]
    at_first, first, old_schema = containers(engine), state(machine), in_database(machine, SCHEMA)

    said = machine.ok("update", "--yes", "--plain", *newer)
    assert {"mlflow", "mlflow-skinny", "mlflow-tracing", "seaborn", NEWER} <= set(said.split())
    second, new_schema = state(machine), in_database(machine, SCHEMA)
    assert second["previous"] == first["generation"] != second["generation"]
    assert (second["held"], new_schema != old_schema) == ("", True)
    assert read_back(machine, run) == "7.0 kept too"
    after = containers(engine)
    assert {name for name in at_first if at_first[name] != after[name]} == COURSE_SERVICES

    refused(machine, "rollback", "--yes")
    assert (state(machine), containers(engine)) == (second, after)
    refused(machine, "up", "--plain", *machine.up_options)
    machine.ok("update", "--yes", "--plain", *newer)
    assert (state(machine), containers(engine)) == (second, after)

    docker(machine, "exec", "mlops-zoomcamp-mlflow-1", "python", "-c", DOWNGRADE, old_schema)
    machine.ok("rollback", "--yes", "--plain")
    third = state(machine)
    assert third["generation"] == third["held"] == first["generation"]
    assert (third["previous"], third["lock"]) == (second["generation"], second["lock"])
    assert read_back(machine, run) == "7.0 kept too"
    assert containers(engine)["postgres"] == at_first["postgres"]
    said = machine.ok("up")
    assert "Nothing to do" in said
    assert "mlops-bootstrap update" in said

    # The course comes back to the lock that is held: nothing is left to change, or to hold.
    said = machine.ok("update", *machine.up_options)
    assert "Nothing to do" in said
    assert "mlops-bootstrap update" not in said
    collects_what_nothing_leads_to(machine, engine, kept=first["generation"])
    assert state(machine) == {**first, "previous": ""}
    assert read_back(machine, run) == "7.0 kept too"


def collects_what_nothing_leads_to(machine: Machine, engine: Engine, kept: str) -> None:
    assert machine.json("gc", "--dry-run")["items"] == []
    folder = Paths.of(machine.environ).environments
    (folder / "previous").unlink()
    had = images(engine)
    items = machine.json("gc", "--yes")["items"]
    assert sorted(item["what"] for item in items) == ["environment", "image"]
    assert all(item["bytes"] > 0 for item in items)
    assert [p.name for p in folder.glob("mlops-zoomcamp-*")] == [f"mlops-zoomcamp-{kept[:12]}"]
    lost = {tag.partition(":")[0] for tag in had - images(engine)}
    assert lost == {"mlops-bootstrap/mlops-zoomcamp", "mlops-bootstrap/mlops-zoomcamp-environment"}


def test_a_package_that_was_added_by_hand_is_drift_and_stays(machine: Machine) -> None:
    pip = ("run", "--", "python", "-m", "pip")
    quiet = ("--quiet", "--root-user-action=ignore")
    machine.ok(*pip, "install", *quiet, "--no-deps", "wheel==0.48.0")
    try:
        drifted = machine.run("status")
        assert drifted.returncode == 5
        assert "wheel 0.48.0 was added by hand" in drifted.stdout
        assert "Nothing to do" in machine.ok("up")
        machine.ok("run", "--", "python", "-c", "import wheel")
    finally:
        machine.ok(*pip, "uninstall", *quiet, "--yes", "wheel")
    assert machine.run("status").returncode == 0

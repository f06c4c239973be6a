"""An update and a rollback of a machine that is up: what a student logged stays, and so does what
did not change. It leaves the machine as it found it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bootstrap.generation.links import Links
from bootstrap.host.paths import Paths
from tests.e2e.machine import Machine
from tests.e2e.test_runtimes import READ, RUN
from tests.lab.engine import Engine
from tests.relocked import relocked, requirements_of, without

pytestmark = [pytest.mark.lab, pytest.mark.engine, pytest.mark.timeout(1800)]

OLD_SCHEMA = """
import os
from alembic import command
from mlflow.store.db import utils
command.downgrade(utils._get_alembic_config(os.environ["MLFLOW_BACKEND_STORE_URI"]), "-1")
"""
NEWER_THAN_ANY = "update alembic_version set version_num = 'ffffffffffff'"


@pytest.fixture
def newer_course(machine: Machine, tmp_path: Path) -> Path:
    """The machine's course with a lock that makes another image and has the same MLflow."""
    requirements = without(requirements_of(machine.course), "seaborn")
    return relocked(machine.course, tmp_path / "newer", requirements)


@pytest.fixture
def updated(machine: Machine, newer_course: Path) -> Iterator[Path]:
    """The prefix before, on a machine that was updated; afterwards it is as it was."""
    before = Path(machine.json("status")["environment"]["prefix"])
    said = machine.ok("update", "--yes", "--plain", "--course", str(newer_course))
    assert "seaborn" in said
    try:
        yield before
    finally:
        machine.ok("update", "--yes", "--plain", "--course", str(machine.course))


def containers(engine: Engine) -> dict[str, str]:
    """The id of each service's container."""
    client = engine.client()
    try:
        found = client.containers.list(
            filters={"label": "com.docker.compose.project=mlops-zoomcamp"}
        )
        return {c.labels["com.docker.compose.service"]: str(c.id) for c in found}
    finally:
        client.close()


def images(engine: Engine) -> set[str]:
    client = engine.client()
    try:
        return {tag for image in client.images.list() for tag in image.tags}
    finally:
        client.close()


def in_database(machine: Machine, statement: str) -> str:
    """Run SQL in MLflow's database, by the machine's own Compose."""
    return in_container(
        machine, "postgres", "psql", "-h", "127.0.0.1", "-U", "mlflow", "-qtAc", statement
    )


def in_container(machine: Machine, service: str, *command: str) -> str:
    return machine.shell(f"docker exec mlops-zoomcamp-{service}-1 " + shlex.join(command)).strip()


def read_back(machine: Machine, run: str) -> str:
    return machine.ok("run", "--", "python", "-c", READ, run).strip()


def state(machine: Machine) -> dict[str, Any]:
    status = machine.json("status")
    assert status["healthy"]
    assert status["drift"] == []
    return {name: status[name] for name in ("generation", "previous", "held", "lock")}


def test_an_update_and_a_rollback_keep_the_data(
    machine: Machine, engine: Engine, request: pytest.FixtureRequest
) -> None:
    run = machine.ok("run", "--", "python", "-W", "ignore", "-c", RUN).split()[-1]
    at_first, first = containers(engine), state(machine)
    before: Path = request.getfixturevalue("updated")

    after_update, second = containers(engine), state(machine)
    assert second["previous"] == first["generation"] != second["generation"]
    assert second["held"] == ""
    assert read_back(machine, run) == "7.0 kept too"
    changed = {name for name in at_first if at_first[name] != after_update[name]}
    assert changed == {"mlflow", "prefect", "worker"}

    schema = in_database(machine, "select version_num from alembic_version")
    in_database(machine, NEWER_THAN_ANY)
    refused = machine.run("rollback", "--yes")
    in_database(machine, f"update alembic_version set version_num = '{schema}'")
    assert refused.returncode == 1
    assert "E-SCHEMA-NEWER" in refused.stderr
    assert "mlops-bootstrap update" in refused.stderr
    assert state(machine) == second

    machine.ok("rollback", "--yes", "--plain")
    third = state(machine)
    assert third["generation"] == third["held"] == first["generation"]
    assert (third["previous"], third["lock"]) == (second["generation"], second["lock"])
    assert Path(machine.json("status")["environment"]["prefix"]) == before
    assert read_back(machine, run) == "7.0 kept too"
    assert containers(engine)["postgres"] == at_first["postgres"]
    said = machine.ok("up")
    assert "Nothing to do" in said
    assert "held" in said

    # The course comes back to the lock that is held: nothing is left to do, or to hold.
    back = machine.ok("update", "--course", str(machine.course))
    assert "Nothing to do" in back
    assert "held" not in back
    collected(machine, engine, first["generation"], second["generation"])
    assert read_back(machine, run) == "7.0 kept too"
    assert state(machine)["generation"] == first["generation"]


def collected(machine: Machine, engine: Engine, kept: str, gone: str) -> None:
    """gc keeps the generation before, until nothing leads to it any more."""
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
    assert not Links(folder).previous
    assert gone[:12] not in machine.ok("status")


def test_mlflow_upgrades_a_database_of_an_older_version(machine: Machine, engine: Engine) -> None:
    schema = in_database(machine, "select version_num from alembic_version")
    in_container(machine, "mlflow", "python", "-c", OLD_SCHEMA)
    assert in_database(machine, "select version_num from alembic_version") != schema
    client = engine.client()
    try:
        client.containers.get(containers(engine)["mlflow"]).restart()
    finally:
        client.close()
    machine.ok("up", "--plain")
    assert in_database(machine, "select version_num from alembic_version") == schema
    assert "upgrading the database from schema" in machine.ok("logs", "mlflow", "--tail", "100")

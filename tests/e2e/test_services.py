"""The Compose file by itself, brought up with pytest-docker from the image that `up` built."""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from bootstrap.course.locate import compose_directory
from bootstrap.runtimes.docker.secrets import env_files
from tests.e2e.conftest import free_port
from tests.e2e.machine import Machine
from tests.e2e.process_tree import below
from tests.lab.engine import Engine

pytestmark = [pytest.mark.lab, pytest.mark.engine, pytest.mark.timeout(1800)]

UID = 12345
REPOSITORY = "mlops-zoomcamp"


@pytest.fixture(scope="session")
def compose_variables(
    machine: Machine, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What compose.yaml asks for, with the images that `up` made on this engine."""
    folder = tmp_path_factory.mktemp("secrets")
    for name, text in env_files("mlflowpass", "prefectpass", "adminpass").items():
        (folder / name).write_text(text)
    client = engine.client()
    try:
        tags = [tag for image in client.images.list() for tag in image.tags]
    finally:
        client.close()
    image = {role: next(t for t in tags if t.startswith(f"mlops-bootstrap/{role}:"))
             for role in ("mlops-zoomcamp", "postgres")}  # fmt: skip
    return {
        "COURSE_IMAGE": image["mlops-zoomcamp"],
        "POSTGRES_IMAGE": image["postgres"],
        "BIND": "127.0.0.1",
        "MLFLOW_PORT": str(free_port()),
        "PREFECT_PORT": str(free_port()),
        "SECRETS_DIR": str(folder),
        "REPOSITORY": str(machine.home / REPOSITORY),
        "RUN_UID": str(UID),
        "RUN_GID": str(UID),
        **{f"{name}_DIGEST": "test" for name in ("POSTGRES", "MLFLOW", "PREFECT", "WORKER")},
        "DOCKER_HOST": engine.docker_host,
    }


@pytest.fixture(scope="session")
def docker_compose_file() -> str:
    return str(compose_directory() / "compose.yaml")


@pytest.fixture(scope="session")
def docker_compose_command(machine: Machine, compose_variables: dict[str, str]) -> Iterator[str]:
    """The pinned Compose; pytest-docker hands it the environment of this process."""
    patch = pytest.MonkeyPatch()
    for name, value in compose_variables.items():
        patch.setenv(name, value)
    yield str(machine.home / ".local/share/mlops-bootstrap/bin/docker-compose")
    patch.undo()


@pytest.fixture(scope="session")
def docker_compose_project_name(
    docker_compose_command: str, docker_compose_file: str
) -> Iterator[str]:
    """A project of its own, which is torn down also when bringing it up fails: pytest-docker's
    set-up runs outside its try."""
    name = f"test-{secrets.token_hex(4)}"
    yield name
    down = [docker_compose_command, "-f", docker_compose_file, "-p", name, "down", "-v"]
    subprocess.run(down, check=True, capture_output=True)


@pytest.fixture(scope="session")
def docker_setup() -> list[str]:
    return ["up --wait --no-build --pull never"]


@pytest.fixture(scope="session")
def inspected(
    docker_services: Any, docker_compose_project_name: str, engine: Engine
) -> dict[str, dict[str, Any]]:
    client = engine.client()
    try:
        label = f"com.docker.compose.project={docker_compose_project_name}"
        found = client.containers.list(filters={"label": label})
        return {c.labels["com.docker.compose.service"]: c.attrs for c in found}
    finally:
        client.close()


def test_all_services_run(inspected: dict[str, dict[str, Any]]) -> None:
    assert sorted(inspected) == ["mlflow", "postgres", "prefect", "worker"]


def test_each_is_kept_in_bounds(inspected: dict[str, dict[str, Any]]) -> None:
    for name, container in inspected.items():
        host = container["HostConfig"]
        assert host["RestartPolicy"]["Name"] == "unless-stopped", name
        assert host["LogConfig"]["Config"].keys() == {"max-size", "max-file"}, name
        assert 0 < host["Memory"] <= 4 << 30, name
        assert "no-new-privileges:true" in host["SecurityOpt"], name
        assert container["Config"]["Healthcheck"]["Test"], name


def test_nothing_is_published_beyond_loopback(inspected: dict[str, dict[str, Any]]) -> None:
    published = {
        (name, binding["HostIp"])
        for name, container in inspected.items()
        for bindings in (container["HostConfig"]["PortBindings"] or {}).values()
        for binding in bindings
    }
    assert published == {("mlflow", "127.0.0.1"), ("prefect", "127.0.0.1")}


def test_no_service_works_as_root(inspected: dict[str, dict[str, Any]]) -> None:
    for name, container in inspected.items():
        table = subprocess.run(
            ["ps", "-o", "pid=,ppid=,uid=,comm=", "-e", "--no-headers"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        rows = [line.split() for line in table.splitlines()]
        own = below(str(container["State"]["Pid"]), {row[0]: row[1] for row in rows})
        working = [row for row in rows if row[0] in own]
        assert working, name
        assert all(row[2] != "0" for row in working), (name, working)


def test_mlflow_lets_in_who_belongs_there_and_nobody_else(
    docker_services: Any, compose_variables: dict[str, str]
) -> None:
    port = compose_variables["MLFLOW_PORT"]
    url = f"http://127.0.0.1:{port}/api/2.0/mlflow/experiments/get?experiment_id=0"
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", "mlflow:5000", "localhost:9999"):
        assert requests.get(url, headers={"Host": host}, timeout=30).status_code == 200, host
    refused = requests.get(url, headers={"Host": "evil.example"}, timeout=30)
    assert refused.status_code == 403


def test_a_password_is_in_no_environment_url_or_argument(
    inspected: dict[str, dict[str, Any]],
) -> None:
    for name, container in inspected.items():
        said = json.dumps([container["Config"]["Cmd"], container["Args"], container["Path"]])
        assert "pass" not in said, name
        urls = [v for v in container["Config"]["Env"] if "://" in v]
        assert not [u for u in urls if "mlflowpass" in u or "prefectpass" in u], name

from pathlib import Path

import pytest

from bootstrap.course.locate import compose_directory
from bootstrap.course.model import Service
from bootstrap.host.docker_view import Container, EngineView, Reach
from bootstrap.host.host import HostView
from bootstrap.host.paths import Paths
from bootstrap.runtimes.docker.runtime import DockerRuntime
from bootstrap.runtimes.docker.stack import PUBLISHED, Stack
from bootstrap.runtimes.runtime import State

PLAIN = """
services:
  mlflow:
    image: ${IMAGE:?}
    command: echo "$${NOT_OURS}"
  postgres:
    image: postgres
    configs:
      - source: databases
configs:
  databases:
    content: create
"""


def stack(folder: Path, **variables: str) -> Stack:
    return Stack(
        project="course",
        directory=folder,
        compose=Path("/bin/docker-compose"),
        secrets=folder,
        services={"mlflow": Service(port=5000)},
        ports={"mlflow": 5001},
        variables=variables,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text(PLAIN)
    return tmp_path


def changed(before: Stack, after: Stack) -> set[str]:
    assert before.digests.keys() == after.digests.keys()
    return {name for name in before.digests if before.digests[name] != after.digests[name]}


def test_a_digest_changes_with_what_its_service_is_made_from(folder: Path) -> None:
    first = stack(folder, IMAGE="1")
    assert changed(first, stack(folder, IMAGE="1", NOT_OURS="2", UNUSED="3")) == set()
    assert changed(first, stack(folder, IMAGE="2")) == {"mlflow"}
    (folder / "compose.yaml").write_text(PLAIN.replace("create", "create more"))
    assert changed(first, stack(folder, IMAGE="1")) == {"postgres"}


def test_another_course_image_leaves_the_database_alone() -> None:
    old, new = (stack(compose_directory(), COURSE_IMAGE=image) for image in ("a:1", "a:2"))
    assert old.digests.keys() == PUBLISHED.keys()
    assert changed(old, new) == {"mlflow", "prefect", "worker"}


def test_a_command_names_project_and_file_and_carries_the_digests(folder: Path) -> None:
    made = stack(folder, IMAGE="1")
    command = made.command("up", "--detach")
    assert command.argv[0] == "/bin/docker-compose"
    assert command.argv[command.argv.index("--project-name") + 1] == "course"
    assert command.argv[-2:] == ("up", "--detach")
    assert command.env["MLFLOW_DIGEST"] == made.digests["mlflow"]
    assert command.env["POSTGRES_DIGEST"] == made.digests["postgres"]
    assert made.url("mlflow") == "http://127.0.0.1:5001"


DATA = "/var/lib/postgresql/data"
VOLUMES = [
    ({}, "mlflow has no volume at {artifacts} instead of course_artifacts"),
    ({"{artifacts}": "other"}, "mlflow has other at {artifacts} instead of course_artifacts"),
    ({"{artifacts}": "course_artifacts"}, ""),
]


@pytest.mark.parametrize(("mounts", "said"), VOLUMES)
def test_data_outside_the_named_volumes_are_at_risk(mounts: dict[str, str], said: str) -> None:
    made = stack(compose_directory())
    (artifacts,) = made.volumes["mlflow"]
    assert (
        f"MLFLOW_ARTIFACTS_DESTINATION: {artifacts}"
        in (compose_directory() / "compose.yaml").read_text()
    )
    there = {place.format(artifacts=artifacts): volume for place, volume in mounts.items()}
    containers = (
        Container("1", "mlflow", "running", "healthy", {}, (), mounts=there),
        Container("2", "postgres", "running", "healthy", {}, (), mounts={DATA: "course_postgres"}),
        Container("3", "worker", "running", "healthy", {}, ()),
    )

    class Engine(EngineView):
        def containers(self, project: str) -> tuple[Container, ...]:
            return containers

    view = HostView({}, Paths.of({"HOME": "/"}), Engine())
    assert DockerRuntime(made).at_risk(view, "mlflow") == said.format(artifacts=artifacts)


def test_ports_of_a_paused_container_are_its_own_and_it_is_not_well() -> None:
    class Engine(EngineView):
        def reach(self) -> Reach:
            return Reach.ANSWERS

        def containers(self, project: str) -> tuple[Container, ...]:
            return (Container("1", "mlflow", "paused", "unhealthy", {}, (5001,)),)

    view = HostView({}, Paths.of({"HOME": "/"}), Engine())
    runtime = DockerRuntime(stack(compose_directory()))
    assert runtime.own_ports(view) == {5001}
    assert runtime.states(view) == {"mlflow": State("paused", well=False)}

from pathlib import Path

import pytest

from bootstrap.course.locate import compose_directory
from bootstrap.course.model import Service
from bootstrap.runtimes.docker.stack import PUBLISHED, Stack

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

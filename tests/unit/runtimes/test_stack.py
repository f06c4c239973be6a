from pathlib import Path

from bootstrap.course.model import Service
from bootstrap.runtimes.docker.stack import Stack


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


def test_the_digest_changes_with_every_input(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {}")
    first = stack(tmp_path, A="1").digest
    assert stack(tmp_path, A="1").digest == first
    assert stack(tmp_path, A="2").digest != first
    (tmp_path / "compose.yaml").write_text("services: {x: {}}")
    assert stack(tmp_path, A="1").digest != first


def test_a_command_names_project_and_file_and_carries_the_digest(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {}")
    made = stack(tmp_path, A="1")
    command = made.command("up", "--detach")
    assert command.argv[0] == "/bin/docker-compose"
    assert command.argv[command.argv.index("--project-name") + 1] == "course"
    assert command.argv[-2:] == ("up", "--detach")
    assert command.env["SERVICES_DIGEST"] == made.digest
    assert made.url("mlflow") == "http://127.0.0.1:5001"

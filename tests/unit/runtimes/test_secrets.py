from pathlib import Path

import pytest

from bootstrap.core.errors import BootstrapError
from bootstrap.runtimes.docker.secrets import ensure_secrets


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_passwords_are_made_once_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    folder = tmp_path / "secrets" / "course"
    ensure_secrets(folder, volumes=())
    first = contents(folder)
    assert sorted(first) == ["mlflow.env", "postgres.env", "prefect.env"]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in folder.iterdir()} == {0o600}
    ensure_secrets(folder, volumes=("course_postgres",))
    assert contents(folder) == first


def test_each_service_gets_only_its_own(tmp_path: Path) -> None:
    ensure_secrets(tmp_path / "s", volumes=())
    made = contents(tmp_path / "s")
    mlflow = made["mlflow.env"].strip().partition("=")[2]
    assert len(mlflow) == 48
    assert mlflow in made["postgres.env"]
    assert mlflow not in made["prefect.env"]


def test_lost_passwords_are_not_replaced_while_there_is_data(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    ensure_secrets(folder, volumes=())
    (folder / "mlflow.env").unlink()
    left = contents(folder)
    with pytest.raises(BootstrapError) as caught:
        ensure_secrets(folder, volumes=("course_postgres",))
    assert caught.value.code == "E-SECRETS-LOST"
    assert contents(folder) == left
    ensure_secrets(folder, volumes=())
    assert len(contents(folder)) == 3


def test_what_a_killed_run_left_does_no_harm(tmp_path: Path) -> None:
    half = tmp_path / ".s.new"
    half.mkdir()
    (half / "mlflow.env").write_text("PGPASSWORD=old\n")
    ensure_secrets(tmp_path / "s", volumes=())
    assert "old" not in contents(tmp_path / "s")["mlflow.env"]
    assert not half.exists()

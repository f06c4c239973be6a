from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from bootstrap.cli.main import call
from bootstrap.course.locate import shipped_courses

ORIGIN = f"https://example.org/tool.git@{'a' * 40}"
DRIFT, USAGE = 5, 2


def export(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = call(["export", *arguments])
    return code, *capsys.readouterr()


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of one's own, below the current folder."""
    shutil.copytree(shipped_courses()["mlops-zoomcamp"].parent, tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    return Path("mine", "course.yml")


def test_a_file_on_stdout_is_the_one_that_is_written(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, printed, said = export(capsys, "requirements", "--platform", "linux-64")
    assert (code, said) == (0, "")
    options = ("--platform", "linux-64", "--output", "below/requirements.txt")
    code, out, said = export(capsys, "requirements", *options)
    assert (code, out, said) == (0, "", "wrote below/requirements.txt\n")
    assert Path("below/requirements.txt").read_text() == printed


def test_a_file_is_stale_when_the_locks_changed(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("dockerfile", "--course", str(course), "--platform", "linux-64")
    assert export(capsys, *options, "--output", "Dockerfile")[0] == 0
    check = (*options, "--check", "Dockerfile")
    assert export(capsys, *check) == (0, "Up to date.\n", "")

    unpinned = re.sub(r"^    sha256: \w{64}\n", "", course.read_text(), flags=re.MULTILINE)
    course.write_text(unpinned)
    lock = course.with_name("requirements.txt")
    lock.write_text(lock.read_text().replace("aiohttp==3", "aiohttp==4"))
    before = Path("Dockerfile").read_bytes()
    code, said, _ = export(capsys, *check)
    assert code == DRIFT
    assert said.startswith("Dockerfile is stale")
    assert "- # locks:  sha256:" in said
    assert "+     'aiohttp==4" in said
    assert Path("Dockerfile").read_bytes() == before


def test_another_platform_is_another_file(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(capsys, "pixi", "--platform", "linux-64", "--output", "pixi.toml")[0] == 0
    code, said, _ = export(capsys, "pixi", "--platform", "linux-aarch64", "--check", "pixi.toml")
    assert code == DRIFT
    assert "mlops-zoomcamp (MLOps Zoomcamp), linux-aarch64" in said


def test_a_devcontainer_is_a_folder(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(capsys, "devcontainer")[0] == 0
    folder = Path(".devcontainer")
    assert sorted(path.name for path in folder.iterdir()) == ["Dockerfile", "devcontainer.json"]
    (folder / "mine.sh").touch()
    assert export(capsys, "devcontainer", "--check", str(folder))[0] == 0
    (folder / "Dockerfile").unlink()
    (folder / "devcontainer.json").write_text("{}\n")
    code, said, _ = export(capsys, "devcontainer", "--check", str(folder))
    assert code == DRIFT
    assert ".devcontainer/Dockerfile is stale: export it again\n  is missing\n" in said
    assert ".devcontainer/devcontainer.json is stale: export it again\n- {}\n" in said


def test_only_line_ends_differ(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export(capsys, "conda-explicit", "--output", "explicit.txt")
    content = Path("explicit.txt").read_bytes()
    Path("explicit.txt").write_bytes(content.replace(b"\n", b"\r\n"))
    code, said, _ = export(capsys, "conda-explicit", "--check", "explicit.txt")
    assert code == DRIFT
    assert "only the ends of lines" in said


@pytest.mark.parametrize("target", ["pixi", "devcontainer"])
def test_what_is_not_there_cannot_be_checked(
    course: Path, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, said = export(capsys, target, "--check", "nowhere")
    assert (code, out) == (USAGE, "")
    assert "E-EXPORT-FILE" in said


def test_check_and_output_exclude_each_other(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, said = export(capsys, "pixi", "--check", "a", "--output", "b")
    assert code == USAGE
    assert "--check" in said


def test_the_course_of_a_repository_is_named_by_its_path_there(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--course", str(course), "--tool", ORIGIN)
    code, said, _ = export(capsys, "github-action", *options)
    assert code == 0
    job = yaml.safe_load(said)["jobs"]["verify"]
    assert job["env"]["COURSE"] == "./mine/course.yml"
    assert job["steps"][0]["uses"].startswith("actions/checkout@")

    code, said, _ = export(capsys, "cloud-init", *options)
    files = {file["path"]: file["content"] for file in yaml.safe_load(said)["write_files"]}
    carried = files["/usr/local/share/mlops-bootstrap/mlops-zoomcamp/course.yml"]
    assert carried == course.read_text()

    shipped = yaml.safe_load(export(capsys, "github-action", "--tool", ORIGIN)[1])
    assert shipped["jobs"]["verify"]["env"]["COURSE"] == "mlops-zoomcamp"

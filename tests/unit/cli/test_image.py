"""What `image` refuses before it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from bootstrap.cli.main import call


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MLOPS_BOOTSTRAP_RUN_DIR", str(tmp_path))
    for variable in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "SOURCE_DATE_EPOCH"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("build", "--tag", "Capital:1"), "E-IMAGE-NAME"),
        (("build", "--tag", f"a@sha256:{'0' * 64}"), "E-IMAGE-NAME"),
        (("build", "--push"), "nothing says where to push"),
        (("build", "--target", "predictor"), "--target predictor and --model go together"),
        (("build", "--model", "models:/a/1"), "--target predictor and --model go together"),
        (("build", "--platform", "win-64"), "win-64"),
        (("verify", "Capital:1"), "E-IMAGE-NAME"),
    ],
)
def test_wrong_usage_is_said_and_nothing_is_begun(
    arguments: tuple[str, ...], said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert call(["image", *arguments]) == 2
    assert said in capfd.readouterr().err
    assert not (tmp_path / ".cache/mlops-bootstrap/images/layout").exists()


def test_a_moment_that_is_none_is_said(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert call(["image", "build"]) == 2
    assert "E-VARIABLE" in capfd.readouterr().err

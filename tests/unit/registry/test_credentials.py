from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from bootstrap.registry.credentials import Credentials, CredentialsError, stored_for

AUTH = b64encode(b"ada:correct:horse").decode()


def kept(folder: Path, config: Any) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    text = config if isinstance(config, str) else json.dumps(config)
    (folder / "config.json").write_text(text)
    return {"DOCKER_CONFIG": str(folder)}


@pytest.mark.parametrize(
    ("registry", "key"),
    [
        ("ghcr.io", "ghcr.io"),
        ("ghcr.io", "https://ghcr.io/v2/"),
        ("localhost:5000", "localhost:5000"),
        ("docker.io", "https://index.docker.io/v1/"),
    ],
)
def test_a_login_is_found_under_the_name_that_docker_gives_it(
    tmp_path: Path, registry: str, key: str
) -> None:
    environ = kept(tmp_path, {"auths": {key: {"auth": AUTH}, "other.example": {"auth": "eDp5"}}})
    assert stored_for(registry, environ) == Credentials("ada", "correct:horse")


def test_it_is_looked_for_in_the_home_of_the_environment(tmp_path: Path) -> None:
    kept(tmp_path / ".docker", {"auths": {"ghcr.io": {"auth": AUTH}}})
    assert stored_for("ghcr.io", {"HOME": str(tmp_path)}) == Credentials("ada", "correct:horse")


def test_the_environment_of_this_process_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "DOCKER_CONFIG", kept(tmp_path, {"auths": {"a.b": {"auth": AUTH}}}).popitem()[1]
    )
    assert stored_for("a.b", {"HOME": str(tmp_path / "none")}) is None


@pytest.mark.parametrize("config", [{}, {"auths": {}}, {"auths": {"ghcr.io": {}}}])
def test_nobody_is_logged_in(tmp_path: Path, config: Any) -> None:
    assert stored_for("ghcr.io", kept(tmp_path, config)) is None


@pytest.mark.parametrize(
    "config",
    ["[]", {"auths": {"ghcr.io": {"auth": "%%%"}}}, {"auths": {"ghcr.io": {"auth": "YWRh"}}}],
)
def test_a_broken_configuration_is_said_without_what_is_in_it(tmp_path: Path, config: Any) -> None:
    with pytest.raises(CredentialsError, match=r"config\.json cannot be read"):
        stored_for("ghcr.io", kept(tmp_path, config))


def test_nothing_secret_is_in_the_printed_form() -> None:
    assert "horse" not in repr(Credentials("ada", "horse", "horse"))

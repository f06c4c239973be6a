"""The repository is the same everywhere and is served the way GitHub serves it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import git_host
from tests.lab.commands import run
from tests.lab.errors import LabError
from tests.lab.server import Front
from tests.unit.lab.fronts import running

CLEAN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("git") / "built"
    target.mkdir()
    git_host.build(target)
    return target


@pytest.fixture
def front(built: Path) -> Iterator[Front]:
    with running(git_root=built) as server:
        yield server


def git(*words: str | Path) -> str:
    return run(["git", *words], env={**os.environ, **CLEAN}).decode().strip()


def test_commits_have_the_same_ids_each_time(built: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    again.mkdir()
    git_host.build(again)
    assert git_host.load(again) == git_host.load(built)


def test_a_clone_has_the_course(front: Front, built: Path, tmp_path: Path) -> None:
    git("clone", "--quiet", f"{front.url}/{git_host.REPOSITORY}", tmp_path / "clone")
    assert git("-C", tmp_path / "clone", "rev-parse", "HEAD") == git_host.load(built).head
    assert git("-C", tmp_path / "clone", "tag") == git_host.TAG
    assert (tmp_path / "clone" / "02-experiment-tracking" / "train.py").is_file()


def test_one_commit_is_fetched_without_its_files(front: Front, built: Path, tmp_path: Path) -> None:
    pinned = git_host.load(built).commit
    work = tmp_path / "work"
    git("init", "--quiet", work)
    url = f"{front.url}/{git_host.REPOSITORY}"
    git("-C", work, "fetch", "--quiet", "--depth", "1", "--filter=blob:none", url, pinned)
    assert git("-C", work, "rev-list", "--count", "FETCH_HEAD") == "1"
    held = git("-C", work, "cat-file", "--batch-check", "--batch-all-objects")
    assert "blob" not in held
    assert "tree" in held


def test_nobody_pushes(front: Front, tmp_path: Path) -> None:
    git("clone", "--quiet", f"{front.url}/{git_host.REPOSITORY}", tmp_path / "clone")
    with pytest.raises(LabError, match="403"):
        git("-C", tmp_path / "clone", "push", "origin", "HEAD:refs/heads/other")

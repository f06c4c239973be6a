"""Which runtime is chosen, on machines that differ in what PATH, socket and sudo there are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bootstrap.host.docker_view import EngineView
from bootstrap.host.host import HostView
from bootstrap.host.paths import Paths
from bootstrap.machine.choice import choose
from bootstrap.machine.selection import Selection
from tests.unit.machine.conftest import Home


def bare(folder: Path) -> HostView:
    """A machine without an engine."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    return HostView(environ, Paths.of(environ), EngineView(f"unix://{folder}/none.sock"))


@pytest.mark.parametrize("name", ["docker", "native"])
def test_what_was_asked_for_is_taken(name: str, tmp_path: Path) -> None:
    choice = choose(name, bare(tmp_path))
    assert (choice.runtime, choice.why) == (name, "")


def test_a_silent_engine_that_was_named_stays_wanted(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    view = HostView(environ, Paths.of(environ), EngineView(environ["DOCKER_HOST"]))
    assert choose("auto", view).runtime == "docker"


def test_what_was_chosen_is_remembered_and_not_chosen_again(home: Home) -> None:
    assert home.draw().remembered.runtime == "docker"  # DOCKER_HOST is set
    assert Selection(runtime="native").changed(source="http://x").runtime == "native"
    assert Selection(runtime="native").changed(runtime="docker").runtime == "docker"


def test_natively_nothing_of_docker_is_a_step(home: Home) -> None:
    docker = {step.name for step in home.draw().steps}
    native = {step.name for step in home.draw(runtime="native").steps}
    assert native == {
        "packages", "environment", "bytecode", "repository", "shell", "services", "health",
    }  # fmt: skip
    assert docker - native == {
        "engine", "docker-compose", "image-base", "image-postgres", "image-course",
    }  # fmt: skip

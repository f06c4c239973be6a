"""`docker build` by BuildKit, in a private engine, as a person types it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.lab.engine import Engine

DEADLINE = 900.0
CERTIFICATES = "SSL_CERT_FILE"


def docker() -> str:
    """A docker command that can build with secrets.

    A newer one needs its plugin buildx for that, Debian 12's does it itself; which one is first on
    PATH differs from machine to machine.
    """
    for folder in os.get_exec_path():
        program = Path(folder) / "docker"
        if program.is_file() and "--secret" in _run([str(program), "build", "--help"], {}).stdout:
            return str(program)
    raise AssertionError("no docker on PATH builds with BuildKit: install docker.io, or buildx")


def build(engine: Engine, folder: Path, tag: str, *options: str) -> str:
    """Build the Dockerfile of a folder, downloading as this machine does; returns the log."""
    certificates = os.environ.get(CERTIFICATES)
    secret = ("--secret", f"id=ca,src={certificates}") if certificates else ()
    argv = [docker(), "build", "--network", "host", "--progress", "plain", "--tag", tag]
    if index := os.environ.get("PIP_INDEX_URL"):
        argv += ["--build-arg", f"PIP_INDEX_URL={index}"]
    done = _run([*argv, *secret, *options, str(folder)], {"DOCKER_HOST": engine.docker_host})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def run(engine: Engine, tag: str, *argv: str) -> str:
    """What a command prints in a new container of an image, without a network."""
    command = [docker(), "run", "--rm", "--network", "none", tag, *argv]
    done = _run(command, {"DOCKER_HOST": engine.docker_host})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _run(argv: list[str], variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DOCKER_BUILDKIT": "1", **variables}
    return subprocess.run(
        argv, env=environment, capture_output=True, text=True, timeout=DEADLINE, check=False
    )

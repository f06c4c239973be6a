"""A machine as tests see it: a home, an environment, and the command a person types."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

DEADLINE = 900.0
"""Seconds for one command: a whole `up` takes two minutes here, and CI may be slower."""


@dataclass(frozen=True)
class Machine:
    home: Path
    environ: Mapping[str, str]
    source: str
    course: Path
    ports: Mapping[str, int]
    runtime: str = "docker"
    more: tuple[str, ...] = ()

    @property
    def prefix(self) -> Path:
        """The environment in use."""
        return (self.home / ".local/share/mlops-bootstrap/envs/current").resolve()

    def with_variables(self, **variables: str) -> Machine:
        """The same machine, with other variables around the command."""
        return replace(self, environ={**self.environ, **variables})

    @property
    def up_options(self) -> tuple[str, ...]:
        moved = [word for name, port in self.ports.items() for word in ("--port", f"{name}={port}")]
        chosen = ("--runtime", self.runtime, "--source", self.source, "--course", str(self.course))
        return (*chosen, *moved, *self.more)

    @property
    def native(self) -> Path:
        """Where the course's services are when they run natively."""
        return self.home / ".local/share/mlops-bootstrap/native/mlops-zoomcamp"

    def argv(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "bootstrap.cli.main", *arguments]

    def run(self, *arguments: str, deadline: float = DEADLINE) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(*arguments),
            env=dict(self.environ),
            capture_output=True,
            text=True,
            timeout=deadline,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def ok(self, *arguments: str) -> str:
        """The stdout of a command that has to end 0."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, *arguments: str) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.ok(*arguments, "--json").splitlines()[-1])
        return loaded

    def shell(self, line: str) -> str:
        """What a new login shell of this home prints."""
        done = subprocess.run(
            ["bash", "-lic", line],
            env={**self.environ, "PATH": "/usr/local/bin:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"

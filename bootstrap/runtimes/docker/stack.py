"""What Compose is given: the shipped compose file, its variables, and where passwords are."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from bootstrap.core.errors import UsageError
from bootstrap.course.load import LoadedCourse
from bootstrap.course.model import Service
from bootstrap.host.command import Command
from bootstrap.host.paths import Paths

NOBODY_IN_PARTICULAR = 10001
"""The user of containers where this tool runs as root: no container of ours runs as root for it."""

DIGEST_LABEL = "mlops-bootstrap.service"
_VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

ROLES = ("base", "postgres")
"""What images are for: the course image is made on base, the databases run in postgres."""

COMPOSE = "docker-compose"
"""The binary that starts the services."""

DATABASE = "postgres"
"""The service that keeps the others' data."""

PUBLISHED = {DATABASE: False, "mlflow": True, "prefect": True, "worker": False}
"""The services of compose/compose.yaml, and whether each is published on a port."""


def check_fits(loaded: LoadedCourse) -> None:
    """Raise UsageError E-COURSE-STACK where a course lacks what compose/compose.yaml is made of."""
    course = loaded.course
    problems = [f"images: no image for the role `{r}`" for r in ROLES if r not in course.images]
    for name, published in PUBLISHED.items():
        if name not in course.services:
            problems.append(f"services: `{name}` is missing")
        elif published and course.services[name].port is None:
            problems.append(f"services.{name}: needs a port to be published on")
    unknown = sorted(course.services.keys() - PUBLISHED.keys())
    known = ", ".join(PUBLISHED)
    problems += [f"services.{name}: there is none; there are {known}" for name in unknown]
    if COMPOSE not in {binary.name for binary in course.binaries}:
        problems.append(f"binaries: `{COMPOSE}` is missing, which starts the services")
    if problems:
        raise UsageError(
            "E-COURSE-STACK",
            "\n".join(f"{loaded.path}: {problem}" for problem in problems),
            where=str(loaded.path),
            remedy="compare with the shipped course; `mlops-bootstrap schema` explains each key",
        )


@dataclass(frozen=True)
class Stack:
    """The services of one course on one machine."""

    project: str
    directory: Path
    compose: Path
    secrets: Path
    services: Mapping[str, Service]
    ports: Mapping[str, int]
    variables: Mapping[str, str]

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """The digest of each service: it changes with anything that its container is made from.

        Each container carries its own as a label, so that one question to the engine tells which
        are the right ones; the others stay as they are when one service changes. What is in an
        image counts by the image's name.
        """
        return {name: self._digest(self._file, name) for name in self._file["services"]}

    @property
    def volumes(self) -> Mapping[str, Mapping[str, str]]:
        """Where each service keeps data: the path in its container, and the name of the volume."""
        return {
            name: {
                place: f"{self.project}_{volume}"
                for volume, _, place in (
                    v.partition(":") for v in service.get("volumes", ()) if isinstance(v, str)
                )
            }
            for name, service in self._file["services"].items()
        }

    @cached_property
    def _file(self) -> Mapping[str, Any]:
        loaded = yaml.load((self.directory / "compose.yaml").read_bytes(), Loader=_Loader)  # noqa: S506 - a safe loader
        return dict(loaded)

    def _digest(self, project: Mapping[str, Any], name: str) -> str:
        service = project["services"][name]
        configs = [project["configs"][used["source"]] for used in service.get("configs", ())]
        text = json.dumps([service, configs], sort_keys=True)
        used = sorted(set(_VARIABLE.findall(text)) & self.variables.keys())
        values = "".join(f"{variable}={self.variables[variable]}\0" for variable in used)
        return hashlib.sha256(f"{text}\0{values}".encode()).hexdigest()

    def command(self, *arguments: str, deadline: float = 600.0) -> Command:
        """A Compose command on these services."""
        argv = (
            str(self.compose), "--project-name", self.project,
            "--project-directory", str(self.directory),
            "--file", str(self.directory / "compose.yaml"), "--ansi", "never",
            *arguments,
        )  # fmt: skip
        digests = {f"{name.upper()}_DIGEST": digest for name, digest in self.digests.items()}
        environment = {**self.variables, **digests}
        return Command(argv, environment, deadline=deadline)

    def url(self, service: str) -> str:
        """Where a service is for this machine."""
        return f"http://127.0.0.1:{self.ports[service]}"


def container_user() -> tuple[int, int]:
    """uid and gid for our containers: this user's, so that a mounted repository stays theirs."""
    if os.geteuid() == 0:
        return NOBODY_IN_PARTICULAR, NOBODY_IN_PARTICULAR
    return os.getuid(), os.getgid()


def secrets_folder(paths: Paths, course: str) -> Path:
    """Where the passwords of a course's services are."""
    return paths.config / "secrets" / course

"""The services as containers, behind the words that all runtimes share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError
from bootstrap.course.model import Service
from bootstrap.generation import Generation
from bootstrap.host import command as commands
from bootstrap.host.command import Command, OnLine
from bootstrap.host.docker_view import Reach
from bootstrap.host.host import Host, HostView
from bootstrap.runtimes.docker import teardown
from bootstrap.runtimes.docker.schemas import SCHEMAS, check_schemas, revisions
from bootstrap.runtimes.docker.stack import DATABASE, Stack
from bootstrap.runtimes.runtime import State
from bootstrap.runtimes.schemas import Schema


@dataclass(frozen=True)
class DockerRuntime:
    """The containers of one course."""

    stack: Stack
    name: Literal["docker"] = "docker"

    @property
    def services(self) -> Mapping[str, Service]:
        """The services that it runs."""
        return self.stack.services

    @property
    def ports(self) -> Mapping[str, int]:
        """The ports that services are published on."""
        return self.stack.ports

    @property
    def flows(self) -> str:
        """The folder of the proof's flow in the image, put there by compose/Dockerfile."""
        return "/opt/mlops-bootstrap"

    def url(self, service: str) -> str:
        """Where a service is for this machine."""
        return self.stack.url(service)

    def states(self, view: HostView) -> Mapping[str, State]:
        """The services that have a container."""
        if view.engine.reach() is not Reach.ANSWERS:
            return {}
        return {
            c.service: State(
                # Of one that does not run, the health is what it last was.
                (c.health or c.state) if c.state == "running" else c.state,
                c.state == "running" and c.health in {"healthy", ""},
            )
            for c in view.engine.containers(self.stack.project)
        }

    def any_runs(self, view: HostView) -> bool:
        """Whether a container runs; none does where no engine answers."""
        return teardown.any_runs(self.stack, view)

    def started(self, view: HostView, service: str) -> datetime | None:
        """When the running container of a service started."""
        at = view.engine.started(self.stack.project, service)
        return datetime.fromisoformat(at) if at else None

    def own_ports(self, view: HostView) -> frozenset[int]:
        """The ports that running containers publish, paused ones too."""
        if view.engine.reach() is not Reach.ANSWERS:
            return frozenset()
        there = view.engine.containers(self.stack.project)
        return frozenset(p for c in there if c.state in teardown.RUNNING for p in c.ports)

    def data(self, view: HostView) -> str:
        """The names of the volumes."""
        if view.engine.reach() is not Reach.ANSWERS:
            return ""
        volumes = view.engine.volumes(self.stack.project)
        return f"Docker volumes {', '.join(volumes)}" if volumes else ""

    def logs(self, service: str | None, tail: str, *, follow: bool) -> Command:
        """Compose's own command. Raises BootstrapError E-NOT-UP."""
        if not self.stack.compose.exists():
            raise BootstrapError(
                "E-NOT-UP", "nothing was installed yet", remedy="run `mlops-bootstrap up` first"
            )
        arguments = ("logs", "--tail", tail, *(("--follow",) if follow else ()))
        return self.stack.command(*arguments, *((service,) if service else ()))

    def what_goes(self, view: HostView, *, volumes: bool) -> tuple[str, ...]:
        """Lines that say what taking down removes and what it keeps."""
        return teardown.what_goes(self.stack, view, volumes=volumes)

    def take_down(self, host: Host, cancel: Cancel, on_line: OnLine, *, volumes: bool) -> None:
        """Remove the containers; with volumes, their data and passwords too."""
        arguments = ("down", "--remove-orphans", *(("--volumes",) if volumes else ()))
        commands.check(self.stack.command(*arguments), cancel, on_line)
        if volumes:
            teardown.without_data_too(self.stack)

    def check_schemas(self, generation: Generation, cancel: Cancel) -> None:
        """Ask the running database. Raises BootstrapError E-SCHEMA-NEWER."""
        check_schemas(self.stack, generation, cancel)

    def schema(self, service: str) -> Schema:
        """The schema of the database of a service that has one."""
        return SCHEMAS[service]

    def revisions(self, service: str, cancel: Cancel) -> frozenset[str]:
        """What the running database of a service is at; nothing where it does not answer."""
        return revisions(self.stack, service, cancel)

    def at_risk(self, view: HostView, service: str) -> str:
        """What the containers of a service and of the database keep elsewhere than in the volumes
        that are named for it."""
        wanted = self.stack.volumes
        lost = [
            f"{c.service} has {c.mounts.get(place) or 'no volume'} at {place} instead of {volume}"
            for c in view.engine.containers(self.stack.project)
            if c.service in {service, DATABASE}
            for place, volume in wanted.get(c.service, {}).items()
            if c.mounts.get(place) != volume
        ]
        return ", ".join(lost)

"""What every runtime can say and do about the services of a course, in the same words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bootstrap.core.cancel import Cancel
from bootstrap.course.model import Service
from bootstrap.generation import Generation
from bootstrap.host.command import Command, OnLine
from bootstrap.host.host import Host, HostView
from bootstrap.runtimes.schemas import Schema

Name = Literal["docker", "native"]
"""How services run: as containers, or as plain processes."""

POOL = "default"
"""The work pool of the worker, also of the one in compose.yaml."""


@dataclass(frozen=True, slots=True)
class State:
    """A service as its runtime sees it: a word for its state, and whether all is well with it."""

    word: str
    well: bool


class Runtime(Protocol):
    """The services of one course, run in one way."""

    @property
    def name(self) -> Name:
        """Which runtime it is."""

    @property
    def services(self) -> Mapping[str, Service]:
        """The services that it runs."""

    @property
    def ports(self) -> Mapping[str, int]:
        """The ports that services are published on."""

    @property
    def flows(self) -> str:
        """The folder of the proof's flow, as the worker sees it."""

    def url(self, service: str) -> str:
        """Where a service is for this machine."""

    def states(self, view: HostView) -> Mapping[str, State]:
        """The services that are there, running or not."""

    def any_runs(self, view: HostView) -> bool:
        """Whether a service runs."""

    def started(self, view: HostView, service: str) -> datetime | None:
        """When a service that runs started."""

    def own_ports(self, view: HostView) -> frozenset[int]:
        """The ports that its services hold now."""

    def data(self, view: HostView) -> str:
        """Where the services' data are, empty where there are none."""

    def logs(self, service: str | None, tail: str, *, follow: bool) -> Command:
        """The command that shows what the services log, or one of them.

        Raises BootstrapError E-NOT-UP where nothing was installed yet.
        """

    def what_goes(self, view: HostView, *, volumes: bool) -> tuple[str, ...]:
        """Lines that say what taking down removes and what it keeps."""

    def take_down(self, host: Host, cancel: Cancel, on_line: OnLine, *, volumes: bool) -> None:
        """Stop the services; with volumes, delete their data too."""

    def check_schemas(self, generation: Generation, cancel: Cancel) -> None:
        """See that no database has a schema that this generation does not know.

        Raises BootstrapError E-SCHEMA-NEWER.
        """

    def schema(self, service: str) -> Schema:
        """The schema of the database of a service that has one."""

    def revisions(self, service: str, cancel: Cancel) -> frozenset[str]:
        """What the database of a service is at; nothing where it is empty or does not answer."""

    def at_risk(self, view: HostView, service: str) -> str:
        """What of a service's data would not outlive `down`, empty where all of it does."""

"""What can be read from Docker Engine: plain GETs, without the SDK that the changes need."""

from __future__ import annotations

import enum
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlencode

from bootstrap.core.errors import BootstrapError
from bootstrap.host import web

DEFAULT_SOCKET = "/var/run/docker.sock"
PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"

FACTS = (
    "ServerVersion", "Driver", "CgroupDriver", "CgroupVersion", "LoggingDriver", "KernelVersion",
    "OperatingSystem", "Architecture", "NCPU", "MemTotal", "DockerRootDir", "Containers",
    "ContainersRunning", "Images", "SecurityOptions", "LiveRestoreEnabled", "Warnings",
)  # fmt: skip
"""What of the engine's own description names no one and opens nothing; its proxies would."""

TIMEOUT = 60.0
"""Seconds for one answer: an engine that is pulling and building on a small disk is slow."""


class Reach(enum.Enum):
    """Whether the engine can be talked to, and if not, why."""

    ANSWERS = "answers"
    NO_SOCKET = "no socket"
    DENIED = "permission denied"
    SILENT = "no answer"


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a Compose project, as the engine states it.

    ports are the numbers to be published on this machine; published holds (address, port) for those
    that are; killed says that a process of it was ended for lack of memory since it started; mounts
    are the volumes in it, their names by the path at which they are.
    """

    id: str
    service: str
    state: str
    health: str
    labels: Mapping[str, str]
    ports: tuple[int, ...]
    published: tuple[tuple[str, int], ...] = ()
    killed: bool = False
    mounts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Image:
    """One image, as the engine lists it: all its names, by tag and by digest, and its bytes; used
    where a container was made from it, running or not."""

    id: str
    tags: tuple[str, ...]
    digests: tuple[str, ...]
    labels: Mapping[str, str]
    size: int
    used: bool


class EngineView:
    """What can be read from an engine. address is a DOCKER_HOST value."""

    def __init__(self, address: str = f"unix://{DEFAULT_SOCKET}") -> None:
        self.address = address

    @property
    def socket(self) -> Path | None:
        """The socket behind the address, where it is one."""
        scheme, _, path = self.address.partition("://")
        return Path(path) if scheme == "unix" else None

    def reach(self, timeout: float = TIMEOUT) -> Reach:
        """Try the engine; quick, raises nothing. timeout is in seconds, for one that hangs."""
        if self.socket is not None:
            if not self.socket.exists():
                return Reach.NO_SOCKET
            if not os.access(self.socket, os.R_OK | os.W_OK):
                return Reach.DENIED
        try:
            self._ask("/_ping", timeout)
        except (OSError, web.RefusalError):
            return Reach.SILENT
        return Reach.ANSWERS

    def version(self) -> str:
        """The engine's version, such as 28.2.2."""
        return str(self._read("/version")["Version"])

    def data_root(self) -> Path:
        """The folder in which the engine keeps images and volumes."""
        return Path(self._read("/info")["DockerRootDir"])

    def facts(self) -> Mapping[str, Any]:
        """What the engine says of itself, as `docker info` names it."""
        said = self._read("/info")
        return {name: said[name] for name in FACTS if name in said}

    def image(self, reference: str) -> Mapping[str, Any] | None:
        """What the engine knows of an image (`docker image inspect`), None where it has none."""
        found: Mapping[str, Any] | None = self._read(f"/images/{quote(reference)}/json")
        return found

    def images(self) -> tuple[Image, ...]:
        """All images that have a name."""
        used = {one["ImageID"] for one in self._read("/containers/json", all="1")}
        images = [_image(raw, used) for raw in self._read("/images/json")]
        return tuple(image for image in images if image.tags)

    def containers(self, project: str) -> tuple[Container, ...]:
        """All containers of a Compose project, running or not."""
        label = [f"{PROJECT_LABEL}={project}"]
        listed = self._read("/containers/json", all="1", filters=json.dumps({"label": label}))
        seen = [self._read(f"/containers/{listing['Id']}/json") for listing in listed]
        return tuple(_container(raw) for raw in seen if raw is not None)

    def listed(self, project: str) -> tuple[Mapping[str, str], ...]:
        """The same as `docker ps --all` lists them: names and words, nothing of what is inside."""
        label = [f"{PROJECT_LABEL}={project}"]
        found = self._read("/containers/json", all="1", filters=json.dumps({"label": label}))
        keys = ("Image", "State", "Status")
        return tuple(
            {"Name": c["Names"][0].lstrip("/"), **{key: c[key] for key in keys}} for c in found
        )

    def started(self, project: str, service: str) -> str | None:
        """When the running container of a service started (RFC 3339), None where none runs."""
        labels = [f"{PROJECT_LABEL}={project}", f"{SERVICE_LABEL}={service}"]
        listed = self._read("/containers/json", filters=json.dumps({"label": labels}))
        raw = self._read(f"/containers/{listed[0]['Id']}/json") if listed else None
        return str(raw["State"]["StartedAt"]) if raw else None

    def published_by(self, port: int) -> str | None:
        """Name of the running container that publishes a port, None where none does."""
        listed = self._read("/containers/json", filters=json.dumps({"publish": [str(port)]}))
        return str(listed[0]["Names"][0]).lstrip("/") if listed else None

    def volumes(self, project: str) -> tuple[str, ...]:
        """Names of the volumes of a Compose project."""
        label = [f"{PROJECT_LABEL}={project}"]
        found = self._read("/volumes", filters=json.dumps({"label": label}))
        return tuple(v["Name"] for v in found["Volumes"] or ())

    def labelled(self, kind: Literal["containers", "images"], label: str) -> Mapping[str, str]:
        """The values of a label by the ids of what carries it, running or not, named or not."""
        asked = {"all": "1", "filters": json.dumps({"label": [label]})}
        listed = self._read(f"/{kind}/json", **asked)
        return {one["Id"]: str(one["Labels"][label]) for one in listed}

    def container(self, name: str) -> Container | None:
        """A container by its id, None where there is none."""
        raw = self._read(f"/containers/{name}/json")
        return _container(raw) if raw else None

    def _ask(self, path: str, timeout: float = TIMEOUT) -> bytes:
        """GET a path of the engine's API, in the engine's own newest version of it."""
        base = self.address.replace("tcp://", "http://", 1)
        return web.ask(base, "GET", path, timeout=timeout)

    def _read(self, path: str, **query: str) -> Any:
        """GET JSON, None where there is no such thing."""
        try:
            return json.loads(self._ask(f"{path}?{urlencode(query)}" if query else path))
        except web.RefusalError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise BootstrapError(
                "E-ENGINE", f"Docker Engine: {error.said.strip()}", where=self.address
            ) from error
        except (OSError, ValueError) as error:
            raise engine_lost(self.address, error) from error


def engine_lost(address: str, error: Exception) -> BootstrapError:
    """The error for an engine that answered before and does not now."""
    return BootstrapError(
        "E-ENGINE-LOST",
        f"Docker Engine does not answer: {error}",
        where=address,
        remedy="`mlops-bootstrap up` starts it again; its log: `sudo journalctl -u docker`",
    )


def _container(raw: Mapping[str, Any]) -> Container:
    state, config = raw["State"], raw["Config"]
    return Container(
        id=raw["Id"],
        service=config["Labels"].get(SERVICE_LABEL, ""),
        state=state["Status"],
        health=(state.get("Health") or {}).get("Status", ""),
        labels=config["Labels"],
        ports=tuple(p for _, p in _bindings(raw["HostConfig"].get("PortBindings") or {})),
        published=_bindings(raw["NetworkSettings"]["Ports"] or {}),
        killed=state["OOMKilled"],
        mounts={m["Destination"]: m["Name"] for m in raw["Mounts"] if m["Type"] == "volume"},
    )


def _image(raw: Mapping[str, Any], used: Collection[str]) -> Image:
    return Image(
        id=raw["Id"],
        tags=tuple(tag for tag in raw["RepoTags"] or () if tag != "<none>:<none>"),
        digests=tuple(d for d in raw["RepoDigests"] or () if not d.startswith("<none>")),
        labels=raw["Labels"] or {},
        size=raw["Size"],
        used=raw["Id"] in used,
    )


def _bindings(ports: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    every = (binding for several in ports.values() for binding in several or ())
    return tuple((b["HostIp"], int(b["HostPort"])) for b in every if b.get("HostPort"))

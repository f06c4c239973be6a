"""The one module that talks to the Docker API, through the docker SDK (imported when needed)."""

from __future__ import annotations

import enum
import functools
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError, TransientError

T = TypeVar("T")

DEFAULT_SOCKET = "/var/run/docker.sock"
PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
EXPORT_CHUNK = 1 << 20


class Reach(enum.Enum):
    """Whether the engine can be talked to, and if not, why."""

    ANSWERS = "answers"
    NO_SOCKET = "no socket"
    DENIED = "permission denied"
    SILENT = "no answer"


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a Compose project, as the engine states it.

    ports are the numbers published on this machine.
    """

    id: str
    service: str
    state: str
    health: str
    exit_code: int
    image: str
    labels: Mapping[str, str]
    ports: tuple[int, ...]


class EngineView:
    """What can be read from an engine. address is a DOCKER_HOST value."""

    def __init__(self, address: str = f"unix://{DEFAULT_SOCKET}") -> None:
        self.address = address

    @property
    def socket(self) -> Path | None:
        """The socket behind the address, where it is one."""
        scheme, _, path = self.address.partition("://")
        return Path(path) if scheme == "unix" else None

    @functools.cached_property
    def _client(self) -> Any:  # the SDK is typed in part only
        from docker import APIClient

        return APIClient(base_url=self.address, version="auto", timeout=60)

    def reach(self) -> Reach:
        """Try the engine; quick, raises nothing."""
        if self.socket is not None:
            if not self.socket.exists():
                return Reach.NO_SOCKET
            if not os.access(self.socket, os.R_OK | os.W_OK):
                return Reach.DENIED
        try:
            self._client.ping()  # the client is made here, and asks for the API version then
        except Exception:  # noqa: BLE001 - whatever the SDK raises: the engine does not answer
            self.__dict__.pop("_client", None)
            return Reach.SILENT
        return Reach.ANSWERS

    def version(self) -> str:
        """The engine's version, such as 28.2.2."""
        with _translated(self.address):
            return str(self._client.version()["Version"])

    def data_root(self) -> Path:
        """The folder in which the engine keeps images and volumes."""
        with _translated(self.address):
            return Path(self._client.info()["DockerRootDir"])

    def image(self, reference: str) -> Mapping[str, Any] | None:
        """What the engine knows of an image (`docker image inspect`), None where it has none."""
        from docker.errors import ImageNotFound

        with _translated(self.address):
            try:
                found: Mapping[str, Any] = self._client.inspect_image(reference)
            except ImageNotFound:
                return None
            return found

    def containers(self, project: str) -> tuple[Container, ...]:
        """All containers of a Compose project, running or not."""
        with _translated(self.address):
            label = f"{PROJECT_LABEL}={project}"
            listed = self._client.containers(all=True, filters={"label": label})
            return tuple(_container(self._client.inspect_container(c["Id"])) for c in listed)

    def started(self, project: str, service: str) -> str | None:
        """When the running container of a service started (RFC 3339), None where none runs."""
        with _translated(self.address):
            labels = [f"{PROJECT_LABEL}={project}", f"{SERVICE_LABEL}={service}"]
            listed = self._client.containers(filters={"label": labels})
            if not listed:
                return None
            return str(self._client.inspect_container(listed[0]["Id"])["State"]["StartedAt"])

    def published_by(self, port: int) -> str | None:
        """Name of the running container that publishes a port, None where none does."""
        with _translated(self.address):
            listed = self._client.containers(filters={"publish": str(port)})
            return str(listed[0]["Names"][0]).lstrip("/") if listed else None

    def volumes(self, project: str) -> tuple[str, ...]:
        """Names of the volumes of a Compose project."""
        with _translated(self.address):
            found = self._client.volumes(filters={"label": f"{PROJECT_LABEL}={project}"})
            return tuple(v["Name"] for v in found["Volumes"] or ())

    def log_tail(self, container: str, lines: int = 8) -> tuple[str, ...]:
        """The last lines of a container's log."""
        with _translated(self.address):
            text = self._client.logs(container, tail=lines).decode(errors="replace")
            return tuple(text.splitlines())


class Engine(EngineView):
    """What can be changed in an engine."""

    def pull(
        self, name: str, digest: str, cancel: Cancel, on_progress: Callable[[int, int], None]
    ) -> str:
        """Pull name@digest and return its id; on_progress gets (bytes done, bytes in all).

        The engine checks the content against the digest. Raises TransientError where the network
        or the registry failed, BootstrapError where the image is not there.
        """
        sizes: dict[str, tuple[int, int]] = {}
        with _translated(self.address):
            events = self._client.pull(name, tag=digest, stream=True, decode=True)
            for event in _until_cancelled(events, cancel):
                if "error" in event:
                    raise _pull_error(f"{name}@{digest}", str(event["error"]))
                detail = event.get("progressDetail") or {}
                if event.get("status") == "Downloading" and detail.get("total"):
                    sizes[event["id"]] = (detail["current"], detail["total"])
                    on_progress(
                        sum(s[0] for s in sizes.values()), sum(s[1] for s in sizes.values())
                    )
            return str(self._client.inspect_image(f"{name}@{digest}")["Id"])

    def tag(self, image: str, repository: str, tag: str) -> None:
        """Give an image one more name."""
        with _translated(self.address):
            self._client.tag(image, repository, tag, force=True)

    @contextmanager
    def exported(self, image: str) -> Iterator[Iterator[bytes]]:
        """The file system of an image as a tar stream, while inside."""
        with _translated(self.address):
            container = self._client.create_container(image, "true")["Id"]
            try:
                yield self._client.export(container, chunk_size=EXPORT_CHUNK)
            finally:
                self._client.remove_container(container)

    def import_image(self, file_system: Iterator[bytes], name: str, cancel: Cancel) -> None:
        """Make an image of one layer from a tar stream. Raises BootstrapError E-IMAGE-BUILD."""
        repository, _, tag = name.rpartition(":")
        with _translated(self.address):
            stream = _until_cancelled(file_system, cancel)
            said = self._client.import_image_from_stream(stream, repository=repository, tag=tag)
        for line in said.splitlines():
            if "error" in (event := json.loads(line)):
                raise BootstrapError("E-IMAGE-BUILD", str(event["error"]).strip(), where=name)

    def build(
        self,
        files: Iterable[Path],
        *,
        tag: str,
        arguments: Mapping[str, str],
        labels: Mapping[str, str],
        cancel: Cancel,
        on_line: Callable[[str], None],
    ) -> None:
        """Build an image from a few small files, a Dockerfile among them.

        The base must be here already: nothing is pulled. Raises BootstrapError E-IMAGE-BUILD.
        """
        context = io.BytesIO()
        with tarfile.open(fileobj=context, mode="w") as archive:
            for file in files:
                archive.add(file, file.name)
        context.seek(0)
        with _translated(self.address):
            events = self._client.build(
                fileobj=context,
                custom_context=True,
                tag=tag,
                buildargs=dict(arguments),
                labels=dict(labels),
                rm=True,
                forcerm=True,
                decode=True,
            )
            for event in _until_cancelled(events, cancel):
                if "error" in event:
                    raise BootstrapError("E-IMAGE-BUILD", str(event["error"]).strip(), where=tag)
                for line in str(event.get("stream", "")).splitlines():
                    on_line(line)


def _container(raw: Mapping[str, Any]) -> Container:
    state, config = raw["State"], raw["Config"]
    return Container(
        id=raw["Id"],
        service=config["Labels"].get(SERVICE_LABEL, ""),
        state=state["Status"],
        health=(state.get("Health") or {}).get("Status", ""),
        exit_code=int(state["ExitCode"]),
        image=raw["Image"],
        labels=config["Labels"],
        ports=_published(raw["HostConfig"].get("PortBindings") or {}),
    )


def _published(bindings: Mapping[str, Any]) -> tuple[int, ...]:
    every = (binding for several in bindings.values() for binding in several or ())
    return tuple(int(b["HostPort"]) for b in every if b.get("HostPort"))


def _until_cancelled(events: Iterable[T], cancel: Cancel) -> Iterator[T]:
    for event in events:
        cancel.check()
        yield event


def _pull_error(reference: str, said: str) -> BootstrapError:
    if "not found" in said or "manifest unknown" in said:
        return BootstrapError(
            "E-IMAGE-MISSING",
            f"the registry has no image with this digest: {said}",
            where=reference,
            remedy="check the digest in course.yml, or name a mirror that holds it: --source URL",
        )
    return TransientError(
        "E-IMAGE-PULL",
        f"pulling failed: {said}",
        where=reference,
        remedy="check the network, or use a mirror: --source URL",
    )


@contextmanager
def _translated(address: str) -> Iterator[None]:
    """Every exception of the SDK and of the transport below it becomes one of ours."""
    from docker.errors import APIError, DockerException
    from requests.exceptions import RequestException

    try:
        yield
    except APIError as error:
        said = str(error.explanation or error)
        if error.is_server_error() and "manifest" not in said:
            raise TransientError("E-ENGINE", f"Docker Engine: {said}", where=address) from error
        raise BootstrapError("E-ENGINE", f"Docker Engine: {said}", where=address) from error
    except (DockerException, RequestException, OSError) as error:
        raise BootstrapError(
            "E-ENGINE-LOST",
            f"Docker Engine does not answer: {error}",
            where=address,
            remedy="`mlops-bootstrap up` starts it again; its log: `sudo journalctl -u docker`",
        ) from error

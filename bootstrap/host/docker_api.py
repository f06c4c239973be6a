"""What can be changed in Docker Engine, through the docker SDK (imported when needed)."""

from __future__ import annotations

import contextlib
import functools
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError, TransientError
from bootstrap.host.docker_view import EngineView, engine_lost

T = TypeVar("T")

EXPORT_CHUNK = 1 << 20
LOOPBACK = "127.0.0.1"
PATIENCE_S = 900
"""Seconds until an engine that unpacks a large image has to say something; 30 are usual."""


class Engine(EngineView):
    """What can be changed in an engine."""

    @functools.cached_property
    def _client(self) -> Any:  # the SDK is typed in part only
        from docker import APIClient

        return APIClient(base_url=self.address, version="auto", timeout=60)

    @functools.cached_property
    def _patient(self) -> Any:
        """A client for what takes the engine minutes before it says a word."""
        from docker import APIClient

        return APIClient(base_url=self.address, version="auto", timeout=PATIENCE_S)

    def log_tail(self, container: str, lines: int = 8) -> tuple[str, ...]:
        """The last lines of a container's log."""
        with _translated(self.address):
            text = self._client.logs(container, tail=lines).decode(errors="replace")
            return tuple(text.splitlines())

    def pull(
        self, name: str, digest: str, cancel: Cancel, on_progress: Callable[[int, int], None]
    ) -> str:
        """Pull name@digest and return its id; on_progress gets (bytes done, bytes in all).

        The engine checks the content against the digest. Raises TransientError where the network
        or the registry failed, BootstrapError where the image is not there.
        """
        reference, sizes = f"{name}@{digest}", dict[str, tuple[int, int]]()
        with _translated(self.address), _refused(reference):
            events = self._client.pull(name, tag=digest, stream=True, decode=True)
            for event in _until_cancelled(events, cancel):
                if "error" in event:
                    raise _pull_error(reference, str(event["error"]))
                detail = event.get("progressDetail") or {}
                if event.get("status") == "Downloading" and detail.get("total"):
                    sizes[event["id"]] = (detail["current"], detail["total"])
                    on_progress(
                        sum(s[0] for s in sizes.values()), sum(s[1] for s in sizes.values())
                    )
            return str(self._client.inspect_image(reference)["Id"])

    def tag(self, image: str, repository: str, tag: str) -> None:
        """Give an image one more name."""
        with _translated(self.address):
            self._client.tag(image, repository, tag, force=True)

    def remove_image(self, name: str) -> None:
        """Take a name from an image; with its last one it is deleted. None is that already."""
        from docker.errors import ImageNotFound

        with _translated(self.address), contextlib.suppress(ImageNotFound):
            self._client.remove_image(name)

    def run(self, image: str, *, port: int, memory: int) -> str:
        """Start a container of an image and give its id; its port is published on a free one of
        this machine's loopback, memory is in bytes. Who starts it removes it."""
        with _translated(self.address):
            limits = self._client.create_host_config(
                port_bindings={port: (LOOPBACK,)},
                mem_limit=memory,
                cap_drop=["ALL"],
                security_opt=["no-new-privileges:true"],
                init=True,
            )
            made = str(self._client.create_container(image, ports=[port], host_config=limits)["Id"])
            try:
                self._client.start(made)
            except BaseException:
                self.remove_container(made)
                raise
            return made

    def remove_container(self, container: str) -> None:
        """Remove a container with its own volumes, running or not. None is that already."""
        from docker.errors import NotFound

        with _translated(self.address), contextlib.suppress(NotFound):
            self._client.remove_container(container, force=True, v=True)

    def delete_image(self, image: str) -> None:
        """Delete an image by its id, with all its names and what it alone was built on. One that
        others are built on stays: it goes with the last of them. None is gone already."""
        from docker.errors import APIError

        with _translated(self.address):
            try:
                self._client.remove_image(image, force=True)
            except APIError as error:
                if error.status_code not in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}:
                    raise

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

    def load(self, archive: Iterator[bytes], cancel: Cancel) -> None:
        """Take images over from a tar as `docker save` writes it. Raises E-ENGINE."""
        with _translated(self.address):
            stream = _until_cancelled(archive, cancel)
            for event in self._patient.load_image(stream, quiet=True):
                if "error" in event:
                    said = str(event["error"]).strip()
                    raise BootstrapError("E-ENGINE", f"Docker Engine: {said}", where=self.address)

    def saved(self, image: str) -> Iterator[bytes]:
        """An image as a tar, as `docker save` writes it."""
        with _translated(self.address):
            yield from self._patient.get_image(image, chunk_size=EXPORT_CHUNK)

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
        """Build an image from a few small files and folders, a Dockerfile among them.

        The base must be here already: nothing is pulled. Raises BootstrapError E-IMAGE-BUILD.
        """
        import tarfile  # here: nothing is built where there is nothing to do

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


def _until_cancelled(events: Iterable[T], cancel: Cancel) -> Iterator[T]:
    for event in events:
        cancel.check()
        yield event


@contextmanager
def _refused(reference: str) -> Iterator[None]:
    """An image that the registry does not have is said before anything is streamed."""
    from docker.errors import APIError

    try:
        yield
    except APIError as error:
        said = str(error.explanation or error)
        if "manifest" not in said:
            raise
        raise _pull_error(reference, said) from error


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
        raise engine_lost(address, error) from error

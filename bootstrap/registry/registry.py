"""The registry API of one repository (OCI distribution specification 1.1): read and push."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Job
from bootstrap.registry.address import Address
from bootstrap.registry.client import Ask, Client
from bootstrap.registry.login import Login
from bootstrap.registry.media import INDEX, MANIFEST
from bootstrap.registry.place import Place
from bootstrap.registry.referrers import subject_of, tag_of, with_referrer
from bootstrap.registry.upload import Upload, blob_is_there
from bootstrap.sources.download import PARTIAL_CONTENT, OnBytes, fetch, wrong_digest

if TYPE_CHECKING:
    from requests import Response

MANIFESTS = (
    INDEX,
    MANIFEST,
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
CONTENT = frozenset(
    {HTTPStatus.OK, PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}
)  # the last: what is there already may be all of it, which `fetch` finds out


class Registry:
    """One repository of a registry. Its methods may be called from several threads at once.

    registry is as people name it (`docker.io`, `localhost:5000`); pushing asks for the right to
    push from the first request on; environ says where the user's Docker configuration is.

    All methods raise BootstrapError E-REGISTRY-DENIED where the login is missing or not enough,
    E-REGISTRY for what the registry refuses otherwise, and TransientError E-REGISTRY (it is busy)
    or E-HOST-UNREACHABLE when every try failed.
    """

    def __init__(
        self,
        registry: str,
        repository: str,
        *,
        environ: Mapping[str, str],
        job: Job,
        pushing: bool = False,
    ) -> None:
        self._place = Place(registry, repository, pushing)
        self._address = Address(registry)
        self._login = Login(self._place, environ, job)
        self._job = job
        self._referrers = threading.Lock()

    def manifest(self, reference: str) -> tuple[bytes, str]:
        """The content and media type of a manifest or index, by tag or digest.

        Raises BootstrapError E-IMAGE-MISSING, and E-DIGEST where the content has not the digest.
        """
        with closing(self._client()) as client:
            return client.trying(lambda: self._manifest(client, reference))

    def has_blob(self, digest: str) -> bool:
        """Whether the repository has a blob."""
        with closing(self._client()) as client:
            return client.trying(lambda: blob_is_there(client, digest))

    def fetch_blob(
        self, digest: str, size: int, target: Path, on_bytes: OnBytes | None = None
    ) -> None:
        """Bring a blob of so many bytes to target, going on with what an earlier try left.

        Raises as `sources.download.fetch` does, with E-IMAGE-MISSING where there is no such blob.
        """

        def tell(done: int, _total: int) -> None:
            if on_bytes:
                on_bytes(done, size)
            else:
                self._job.progress(target.name, done, size, "bytes")

        with closing(self._client()) as client:

            def ask(url: str, headers: dict[str, str]) -> Response:
                answer = client.ask(Ask("GET", url, headers=headers, stream=True))
                if answer.status_code not in CONTENT:
                    with answer:
                        raise client.refused(answer, f"@{digest}")
                return answer

            url = client.trying(lambda: client.url(f"blobs/{digest}"))
            fetch(url, target, _hex(digest), self._job, on_bytes=tell, ask=ask)

    def push_blob(self, digest: str, file: Path, on_bytes: OnBytes | None = None) -> bool:
        """Send a file that has this digest; False where the repository has it already.

        A broken upload is gone on with where the registry allows it. Raises BootstrapError
        E-DIGEST where the registry found another digest.
        """

        def tell(done: int, total: int) -> None:
            self._job.progress(file.name, done, total, "bytes")

        with closing(self._client()) as client:
            upload = Upload(client, digest, file, on_bytes or tell)
            upload.carry_out()
            return upload.needed

    def push_manifest(self, reference: str, content: bytes, media_type: str) -> None:
        """Send a manifest or index, to a tag or its digest. What it names must be there already.

        Where it has a subject and the registry does not keep referrers itself, the index that
        lists them is brought up to date as well.
        """
        with closing(self._client()) as client:
            answer = client.trying(lambda: self._put(client, reference, content, media_type))
            subject = subject_of(content)
            if subject and "OCI-Subject" not in answer.headers:
                with self._referrers:
                    self._add_referrer(client, tag_of(subject), content, media_type)

    def _client(self) -> Client:
        return Client(self._place, self._address, self._login, self._job)

    def _manifest(self, client: Client, reference: str) -> tuple[bytes, str]:
        what = _named(reference)
        url = client.url(f"manifests/{reference}")
        answer = client.ask(Ask("GET", url, headers={"Accept": ", ".join(MANIFESTS)}))
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise client.missing(answer, what)
        if answer.status_code != HTTPStatus.OK:
            raise client.refused(answer, what)
        found = hashlib.sha256(answer.content).hexdigest()
        if ":" in reference and found != _hex(reference):
            raise wrong_digest("the manifest", url, wanted=_hex(reference), found=found)
        return answer.content, answer.headers.get("Content-Type", "").partition(";")[0].strip()

    def _put(self, client: Client, reference: str, content: bytes, media_type: str) -> Response:
        url, kind = client.url(f"manifests/{reference}"), {"Content-Type": media_type}
        answer = client.ask(Ask("PUT", url, headers=kind, body=lambda: content))
        if answer.status_code not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            raise client.refused(answer, _named(reference))
        return answer

    def _add_referrer(self, client: Client, tag: str, manifest: bytes, media_type: str) -> None:
        try:
            index, _ = client.trying(lambda: self._manifest(client, tag))
        except BootstrapError as error:
            if error.code != "E-IMAGE-MISSING":
                raise
            index = b""
        try:
            wanted = with_referrer(index, manifest, media_type)
        except ValueError as error:
            raise BootstrapError(
                "E-REGISTRY", "the tag for what refers to an image holds something else",
                where=f"{self._place}:{tag}", remedy="delete the tag, then push again",
            ) from error  # fmt: skip
        if wanted:
            client.trying(lambda: self._put(client, tag, wanted, INDEX))


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")


def _named(reference: str) -> str:
    return f"@{reference}" if ":" in reference else f":{reference}"

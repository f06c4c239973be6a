"""The upload of one blob, gone on with where the registry says it is when the line breaks.

Registries differ: all take a blob in one request, as containerd sends it. Not all take it in
pieces (Google's does not, GitHub's takes 4 MiB at most, Amazon's says a wrong place), and
distribution 2.8 forgets an upload that broke off within a request. So the first try is in one
piece. What follows a break asks the registry where it is and goes on from there in pieces, so that
the next break costs one piece; and where that is refused, or what arrived has another digest, all
is sent once more in one piece.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from bootstrap.core.errors import BootstrapError, Interrupted, TransientError
from bootstrap.registry.client import Ask, Client
from bootstrap.registry.span import Span
from bootstrap.sources.download import WORTH_IT, OnBytes

if TYPE_CHECKING:
    from requests import Response

PIECE = 4 << 20
"""Bytes, where the registry does not ask for more (OCI-Chunk-Min-Length)."""

BUSY_FOR_ALL = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
BYTES = {"Content-Type": "application/octet-stream"}
_RANGE = re.compile(r"(?:bytes=)?0-(\d+)")


class Upload:
    """A file on its way to a registry that does not have it."""

    def __init__(self, client: Client, digest: str, file: Path, on_bytes: OnBytes) -> None:
        self._client, self._digest, self._file, self._on_bytes = client, digest, file, on_bytes
        self._size = file.stat().st_size
        self._place = ""  # of this upload; empty where none is under way
        self._offset = 0
        self._reached = 0
        self._piece = PIECE
        self._broke = False
        self._whole_only = False
        self.needed = False
        """Whether the registry did not have it."""

    def carry_out(self) -> None:
        """Send what the registry does not have. Raises as `Registry.push_blob` says."""
        try:
            self._persist()
        except (TransientError, Interrupted):
            raise
        except BootstrapError as error:
            if not self._broke or error.code == "E-REGISTRY-DENIED":
                raise
            self._client.job.note(f"{error}; sending all of it again, in one piece")
            self._place, self._whole_only = "", True
            self._client.trying(self._attempt)

    def _persist(self) -> None:
        """Try; tries count from anew while the registry gets more, as with downloads."""
        while True:
            before = self._reached
            try:
                self._client.trying(self._attempt)
            except TransientError:
                if self._reached < before + WORTH_IT:
                    raise
            else:
                return

    def _attempt(self) -> None:
        if self._place:  # an attempt before this one began it, and broke off
            self._broke = True
            if self._whole_only or not self._found():
                self._place = ""
        if not self._place:
            if blob_is_there(self._client, self._digest):
                return
            self._begin()
        if self._broke and not self._whole_only:
            self._send_pieces()
        self._finish()

    def _begin(self) -> None:
        self.needed = True
        answer = self._client.ask(Ask("POST", self._client.url("blobs/uploads/")))
        self._went_on(answer)
        self._offset = 0
        self._piece = max(PIECE, int(answer.headers.get("OCI-Chunk-Min-Length") or 0))

    def _found(self) -> bool:
        """Ask where the upload is; False where the registry does not know it any more."""
        answer = self._client.ask(Ask("GET", self._place))
        if answer.status_code in BUSY_FOR_ALL:
            raise self._refused(answer)
        there = _RANGE.fullmatch(answer.headers.get("Range", ""))
        if answer.status_code != HTTPStatus.NO_CONTENT or not there:
            return False
        last = int(there[1])
        self._offset = last + 1 if last else 0  # 0-0 is said of an upload that has nothing
        self._reached = max(self._reached, self._offset)
        self._place = urljoin(self._place, answer.headers.get("Location", ""))
        self._client.job.note(f"{self._file.name}: going on at {self._offset} of {self._size}")
        return self._offset <= self._size

    def _send_pieces(self) -> None:
        while self._offset < self._size:
            end = min(self._offset + self._piece, self._size)
            span = {"Content-Range": f"{self._offset}-{end - 1}"}
            self._went_on(self._send("PATCH", end, headers={**BYTES, **span}))
            self._offset = end
            self._reached = max(self._reached, end)

    def _finish(self) -> None:
        answer = self._send("PUT", self._size, headers=BYTES, params={"digest": self._digest})
        if answer.status_code != HTTPStatus.CREATED:
            raise self._refused(answer)
        self._on_bytes(self._size, self._size)

    def _send(
        self,
        method: str,
        end: int,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
    ) -> Response:
        def tell(done: int) -> None:
            self._on_bytes(done, self._size)

        with closing(Span(self._file, self._offset, end, self._client.job.cancel, tell)) as span:
            asked = Ask(method, self._place, headers, params or {}, body=span.from_start)
            return self._client.ask(asked)

    def _went_on(self, answer: Response) -> None:
        if answer.status_code != HTTPStatus.ACCEPTED:
            raise self._refused(answer)
        self._place = urljoin(answer.url, answer.headers.get("Location", ""))

    def _refused(self, answer: Response) -> BootstrapError:
        return self._client.refused(answer, f"@{self._digest}")


def blob_is_there(client: Client, digest: str) -> bool:
    """Whether the registry has a blob. Raises as `Registry.push_blob` says."""
    answer = client.ask(Ask("HEAD", client.url(f"blobs/{digest}")))
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return False
    if answer.status_code != HTTPStatus.OK:
        raise client.refused(answer, f"@{digest}")
    return True

"""One conversation with a registry: requests with the right login, tried again where that helps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from bootstrap.core.errors import BootstrapError
from bootstrap.core.retry import retrying
from bootstrap.core.step import Job
from bootstrap.registry.address import REMEDY, Address, without_proxy
from bootstrap.registry.login import Login
from bootstrap.registry.place import Place
from bootstrap.registry.refusals import missing, refusal
from bootstrap.registry.span import Span
from bootstrap.sources import http
from bootstrap.sources.abandon import abandonable

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

T = TypeVar("T")

ANSWER_TIMEOUT = 300.0
"""Seconds: a registry that was sent gigabytes hashes, and maybe moves, them before it answers."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. body gives what to send from its beginning, each time that it is called; stream
    leaves the body of the answer to be read by who asked, who also closes it."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    body: Callable[[], Span | bytes] = bytes
    stream: bool = False

    @property
    def reads(self) -> bool:
        """Whether nothing is changed by it."""
        return self.method in {"GET", "HEAD"}


class Client:
    """A conversation: until it is closed, connections are kept.

    It belongs to one thread; address and login may be shared with others.
    """

    def __init__(self, place: Place, address: Address, login: Login, job: Job) -> None:
        import requests

        self.place, self.job = place, job
        self._address, self._login = address, login
        self._session = requests.Session()

    def close(self) -> None:
        """End its connections."""
        self._session.close()

    def trying(self, work: Callable[[], T]) -> T:
        """Do the work, again where it raises TransientError; Interrupted ends the wait for it."""
        found: list[T] = []
        retrying(self.job)(abandonable, lambda: found.append(work()), self.job.cancel)
        return found[-1]

    def url(self, path: str) -> str:
        """The address of something in the repository, such as `blobs/DIGEST`."""
        return f"{self._address.base(self._session)}/v2/{self.place.repository}/{path}"

    def ask(self, asked: Ask) -> Response:
        """The answer, whatever it is. A login is shown where the registry asks for one.

        Raises BootstrapError E-REGISTRY-DENIED for a login that is not taken, and TransientError
        E-HOST-UNREACHABLE.
        """
        base = self._address.base(self._session)
        if urlsplit(asked.url)[:2] != urlsplit(base)[:2]:
            return self._send(asked, "")  # an upload's place at another host: none of its business
        shown = self._login.header()
        response = self._send(asked, shown)
        challenge = response.headers.get("WWW-Authenticate", "")
        if response.status_code != HTTPStatus.UNAUTHORIZED or not challenge:
            return response
        if not self._login.answer(challenge, shown):
            return response
        response.close()
        return self._send(asked, self._login.header())

    def refused(self, response: Response, what: str) -> BootstrapError:
        """The error for an answer that is not the wanted one; what was asked for: `@DIGEST`."""
        return refusal(response, self.place, what, logged_in=self._login.known)

    def missing(self, response: Response, what: str) -> BootstrapError:
        """The error E-IMAGE-MISSING for a 404, with the registry's words."""
        return missing(response, self.place, what)

    def _send(self, asked: Ask, authorization: str) -> Response:
        def with_login(prepared: PreparedRequest) -> PreparedRequest:
            """Given even without a login: else requests takes one from ~/.netrc."""
            if authorization:
                prepared.headers["Authorization"] = authorization
            return prepared

        # urllib3 sends under the first of the two limits, and waits for an answer under the other.
        reading, sending = (
            (http.CONNECT_TIMEOUT, http.STALL_TIMEOUT),
            (http.STALL_TIMEOUT, ANSWER_TIMEOUT),
        )
        # What is behind the ? of an upload's address is between the registry and us.
        with http.requesting(asked.url.partition("?")[0], http.Stalls(), REMEDY):
            return self._session.request(
                asked.method,
                asked.url,
                params=dict(asked.params),
                # Content-Encoding would change bytes that are known by their digest.
                headers={"Accept-Encoding": "identity", **asked.headers},
                data=asked.body(),
                auth=with_login,
                stream=asked.stream,
                timeout=reading if asked.reads else sending,
                allow_redirects=asked.reads,  # a body that was sent cannot be sent elsewhere
                proxies=without_proxy(asked.url),
            )

"""Who we are to a registry: HTTP Basic, or the tokens of the Docker Registry token protocol."""

from __future__ import annotations

import re
import threading
import time
from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Job
from bootstrap.registry.address import REMEDY, is_loopback, without_proxy
from bootstrap.registry.credentials import Credentials, CredentialsError, stored_for
from bootstrap.registry.place import Place
from bootstrap.registry.refusals import denied, refusal
from bootstrap.sources.http import CONNECT_TIMEOUT, STALL_TIMEOUT, Stalls, requesting

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,"]+))')
CLIENT = "mlops-bootstrap"
LIFETIME = 60.0
"""Seconds that a token lasts where its giver does not say."""

SPENT = 0.8
"""Of a token's time, after which a new one is asked for: what begins now also has to end in it."""


class Login:
    """The Authorization header for one place, the same for all threads that work there."""

    def __init__(self, place: Place, environ: Mapping[str, str], job: Job) -> None:
        self._place, self._environ, self._job = place, environ, job
        self._lock = threading.Lock()
        self._header = ""
        self._until = float("inf")
        self._asked: dict[str, str] = {}
        self._looked_up = False
        self._credentials: Credentials | None = None

    @property
    def known(self) -> bool:
        """Whether credentials are there and were asked for."""
        return self._credentials is not None

    def header(self) -> str:
        """What to send, empty where nothing was asked for yet. Raises as `answer` does."""
        with self._lock:
            if time.monotonic() > self._until:
                self._renew()
            return self._header

    def answer(self, challenge: str, refused: str) -> bool:
        """Make the header that a 401 asks for; False where none would help.

        refused is the header that it answered: where another thread has replaced it meanwhile,
        that one's will do. Raises BootstrapError E-REGISTRY-DENIED for credentials that are not
        taken, E-REGISTRY, and TransientError where the giver of tokens cannot be reached.
        """
        scheme, _, rest = challenge.partition(" ")
        with self._lock:
            if self._header != refused:
                return True
            if not self._looked_up:
                self._credentials = self._look_up()
                self._looked_up = True
            if scheme.lower() == "basic":
                self._header, self._until = self._basic(), float("inf")
                return self._header not in {"", refused}
            if scheme.lower() != "bearer":
                return False
            self._asked = {name: text or word for name, text, word in _PARAMETER.findall(rest)}
            self._renew()
            return True

    def _look_up(self) -> Credentials | None:
        try:
            return stored_for(self._place.registry, self._environ)
        except CredentialsError as error:
            self._job.note(f"asking {self._place.registry} without a login: {error}")
            return None

    def _basic(self) -> str:
        found = self._credentials
        if not found or not found.user:
            return ""
        return f"Basic {b64encode(f'{found.user}:{found.password}'.encode()).decode()}"

    def _renew(self) -> None:
        realm = self._asked.get("realm", "")
        if not realm.startswith("https://") and not is_loopback(realm):
            raise BootstrapError(
                "E-REGISTRY", "the registry names no safe address that gives tokens",
                where=self._place.registry, remedy="check the name of the registry",
            )  # fmt: skip
        with requesting(realm, Stalls(), REMEDY):
            response = self._token(realm)
        logged_in = self.known
        if response.status_code == HTTPStatus.BAD_REQUEST and logged_in:  # an old identity token
            raise denied(self._place, "400 Bad Request", logged_in=True, known=False)
        if not response.ok:
            raise refusal(response, self._place, "", logged_in=logged_in)
        token, lifetime = _token_in(response)
        if not token:
            raise BootstrapError(
                "E-REGISTRY", "the giver of tokens answered without one", where=realm,
                remedy="see the log of the registry",
            )  # fmt: skip
        self._header = f"Bearer {token}"
        self._until = time.monotonic() + SPENT * lifetime

    def _token(self, realm: str) -> Response:
        import requests

        wanted = {"scope": self._place.scope}
        if "service" in self._asked:
            wanted["service"] = self._asked["service"]
        found, proxies = self._credentials, without_proxy(realm)
        timeout = (CONNECT_TIMEOUT, STALL_TIMEOUT)
        if found and found.identity_token:
            form = {
                **wanted,
                "grant_type": "refresh_token",
                "refresh_token": found.identity_token,
                "client_id": CLIENT,
            }
            return requests.post(realm, data=form, auth=_as_it_is, timeout=timeout, proxies=proxies)
        basic = self._basic()
        return requests.get(
            realm,
            params=wanted,
            headers={"Authorization": basic} if basic else {},
            auth=_as_it_is,
            timeout=timeout,
            proxies=proxies,
        )


def _as_it_is(prepared: PreparedRequest) -> PreparedRequest:
    """Given as `auth`, this keeps requests from putting ~/.netrc in the place of our header."""
    return prepared


def _token_in(response: Response) -> tuple[str, float]:
    try:
        said: Any = response.json()
        return (
            str(said.get("token") or said.get("access_token") or ""),
            float(said.get("expires_in") or LIFETIME),
        )
    except (ValueError, TypeError, AttributeError):
        return "", 0.0

"""The address at which a registry answers: https, and what Docker does on this machine itself."""

from __future__ import annotations

import ipaddress
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bootstrap.sources import http

if TYPE_CHECKING:
    from requests import Session

ANSWERS_AT = {"docker.io": "registry-1.docker.io"}
"""Docker Hub is named otherwise than it is reached."""

REMEDY = "check the network, the proxy and the name of the registry"


class Address:
    """Where a registry answers, found out once for all threads."""

    def __init__(self, registry: str) -> None:
        self._host = ANSWERS_AT.get(registry, registry)
        self._lock = threading.Lock()
        self._found = "" if is_loopback(f"//{self._host}") else f"https://{self._host}"

    def base(self, session: Session) -> str:
        """`https://HOST`, or `http://HOST` for a registry on this machine that speaks no TLS.

        Raises TransientError E-HOST-UNREACHABLE.
        """
        with self._lock:
            if not self._found:
                self._found = self._ask(session)
            return self._found

    def _ask(self, session: Session) -> str:
        from requests import exceptions as raised
        from urllib3.exceptions import ProtocolError

        plain, safe = f"http://{self._host}", f"https://{self._host}"
        url = f"{plain}/v2/"
        with http.requesting(url, http.Stalls(), REMEDY):
            try:
                response = session.get(
                    url, auth=lambda prepared: prepared, proxies=without_proxy(url),
                    timeout=(http.CONNECT_TIMEOUT, http.STALL_TIMEOUT),
                )  # fmt: skip
            except raised.ConnectionError as error:
                if error.args and isinstance(error.args[0], ProtocolError):
                    return safe  # it was reached, and answered in no HTTP
                raise
        # With these words servers answer who speaks plain HTTP where TLS is spoken.
        return safe if response.status_code == HTTPStatus.BAD_REQUEST else plain


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine: Docker asks there without TLS and without a proxy."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def without_proxy(url: str) -> dict[str, str] | None:
    """What keeps requests from a proxy for this machine's own addresses, whatever is set."""
    # Not `*`: requests would put that into the environment for a moment, which threads share.
    return {"no_proxy": urlsplit(url).hostname or ""} if is_loopback(url) else None

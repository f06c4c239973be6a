"""Whether names, proxies and hosts answer, and what time they say it is. Prints no credentials."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

ResultT = TypeVar("ResultT")

DEADLINE = 3.0
"""Seconds for one question: a host that takes longer to say anything is not usable either."""

PROXY_PORTS = {"http": 80, "https": 443, "socks4": 1080, "socks5": 1080, "socks5h": 1080}
"""The port of a proxy that names none (as urllib3 and curl have it)."""

CLOCK_WORDS = ("certificate is not yet valid", "certificate has expired")
"""What OpenSSL says of a certificate when the time on this machine is outside its dates."""

NEEDS_LOGIN = 407
"""Proxy Authentication Required (RFC 9110, 15.5.8)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host said to one HEAD request.

    error is empty where it answered, with whatever status; proxy says that the error is the
    proxy's; clock_offset is how many seconds the clock of this machine is ahead of the host's, None
    where it gave no date; clock_suspected says that its certificate is refused for its dates.
    """

    error: str = ""
    proxy: bool = False
    clock_offset: float | None = None
    clock_suspected: bool = False


def resolve(host: str, deadline: float = DEADLINE) -> str | None:
    """Look a host name up; None where that works, else why not, within deadline seconds."""
    try:
        _within(deadline, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except TimeoutError:
        return f"no answer within {deadline:.1f} s"
    except (OSError, UnicodeError) as error:
        return _words(error)
    return None


def hidden(url: str) -> str:
    """The URL as it may be shown: `user:***@` for a password, `***@` for a lone token."""
    scheme, separator, rest = url.rpartition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    credentials, at, host = authority.rpartition("@")
    if not at:
        return url
    user, colon, _ = credentials.partition(":")
    shown = f"{user}:***" if colon else "***"
    return f"{scheme}{separator}{shown}@{host}{rest[len(authority) :]}"


def proxy_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The proxy variables that are set, by lower-case name, with credentials hidden."""
    return {name: hidden(value) for name, value in _proxy_variables(environ).items()}


def proxy_for(url: str, environ: Mapping[str, str]) -> str | None:
    """The proxy that requests to this URL go through; it may hold credentials: show hidden() of it.

    None where there is none, also because no_proxy names the host.
    """
    parts, found = urlsplit(url), _proxy_variables(environ)
    address = found.get(f"{parts.scheme}_proxy") or found.get("all_proxy")
    place = parts.netloc.rpartition("@")[2]
    excluded = found.get("no_proxy", "").replace(" ", "").split(",")
    if not address or any(_covers(entry, parts.hostname or "", place) for entry in excluded):
        return None
    return address if "://" in address else f"http://{address}"


def _covers(entry: str, host: str, place: str) -> bool:
    """Whether an entry of no_proxy names the host, or host:port; read as requests reads it."""
    if not entry or entry == "*":
        return bool(entry)
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:  # the host is a name, or the entry is
        domain = entry.lower().lstrip(".")
        return any(at == domain or at.endswith(f".{domain}") for at in (host, place.lower()))


def proxy_answers(url: str, deadline: float = DEADLINE) -> str | None:
    """Connect to a proxy; None where it accepts, else why not, within deadline seconds."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    try:
        host, port = parts.hostname or "", parts.port or PROXY_PORTS.get(parts.scheme, 80)
        _within(deadline, lambda: socket.create_connection((host, port), deadline).close())
    except TimeoutError:
        return f"no answer within {deadline:.1f} s"
    except (OSError, UnicodeError, ValueError) as error:  # ValueError: a port that is no number
        return _words(error)
    return None


def clock_offset(url: str, deadline: float = DEADLINE) -> float | None:
    """Seconds that the clock of this machine is ahead of that of an http(s) host; None: unknown."""
    return head(url, deadline=deadline).clock_offset


def head(url: str, environ: Mapping[str, str] | None = None, deadline: float = DEADLINE) -> Answer:
    """Send one HEAD request, the way downloads go: through the proxy of environ, TLS checked.

    Follows no redirect, sends no credentials but the proxy's, and raises nothing.
    """
    environ = environ or {}
    try:
        return _within(deadline, lambda: _head(url, environ, deadline))
    except TimeoutError:
        return Answer(f"no answer within {deadline:.1f} s")


def _head(url: str, environ: Mapping[str, str], deadline: float) -> Answer:
    import requests

    proxy = proxy_for(url, environ)
    proxies = {urlsplit(url).scheme: proxy} if proxy else {}
    ca = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE") or True
    try:
        with requests.Session() as session:
            session.trust_env = False  # the environment that counts is the one we were given
            response = session.head(url, timeout=deadline, proxies=proxies, verify=ca)
    except requests.exceptions.ProxyError as error:
        return Answer(_words(error), proxy=True)
    except (requests.RequestException, OSError) as error:
        said = _words(error)
        return Answer(said, clock_suspected=any(words in said for words in CLOCK_WORDS))
    if response.status_code == NEEDS_LOGIN:
        return Answer("the proxy wants a user and a password (407)", proxy=True)
    return Answer(clock_offset=offset(response.headers, time.time()))


def offset(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that now is ahead of what an answer says; a cache dates by its Age (RFC 9111)."""
    from email.utils import parsedate_to_datetime

    try:
        said = parsedate_to_datetime(headers["Date"]).timestamp()
        age = float(headers.get("Age") or 0)
    except (KeyError, ValueError, TypeError):
        return None
    return now - (said + age)


def _proxy_variables(environ: Mapping[str, str]) -> dict[str, str]:
    names = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    # HTTP_PROXY in capitals is set by a web client of a CGI program; curl ignores it there only.
    found = {name: environ.get(name) or environ.get(name.upper()) or "" for name in names}
    return {name: value for name, value in found.items() if value}


def _words(error: BaseException) -> str:
    """The innermost reason of an exception: what requests wraps around it says the URL again."""
    reason: BaseException = error
    for _ in range(10):  # requests wraps three deep
        inner = getattr(reason, "reason", None)
        wrapped = [a for a in (inner, *reason.args) if isinstance(a, BaseException)]
        found = wrapped[0] if wrapped else reason.__cause__ or reason.__context__
        if found is None:
            break
        reason = found
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"TLS: {reason.verify_message}"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return str(reason) or type(reason).__name__


def _within(deadline: float, ask: Callable[[], ResultT]) -> ResultT:
    """Run ask in a thread that may be left behind; raise TimeoutError where it takes longer.

    A name lookup in the C library cannot be cut off, and its own time limits are longer than ours.
    """
    results: list[ResultT] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(ask())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(deadline)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]

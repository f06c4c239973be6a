"""What a report or a bundle must not tell about who made it: names, paths, addresses, secrets."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import SplitResult, unquote, urlsplit

from bootstrap.report.clean import ESCAPES

USER, HOST, ADDRESS, EMAIL, HIDDEN = "<user>", "<host>", "<address>", "<email>", "<hidden>"

NOBODYS = frozenset({"root", "localhost", "localhost.localdomain", "ubuntu", "debian"})
"""User and host names that an image gives to every machine."""

OURS = "mlops-bootstrap"
"""Stays in what can be pasted, also where somebody's name is `mlops`."""

SHORTEST_SECRET = 8
"""Characters; a shorter value of a variable is rather `true` or a number."""

SHORTEST_PASSWORD = 4
"""Characters; a shorter one is hidden in URLs alone: everywhere else it is part of some word."""

NAMED = (
    r"(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(?:API|ACCESS|SECRET|PRIVATE|ACCOUNT)"
    r"[_-]?KEY)"
)
"""How things are named whose value is a secret."""

TOKENS = (
    r"gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}"  # GitHub, GitLab
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}"  # AWS
    r"|(?:pnu|pnb)_[A-Za-z0-9]{16,}"  # Prefect Cloud
    r"|dckr_pat_[\w-]{16,}|hf_[A-Za-z0-9]{16,}|pypi-[\w-]{16,}|sk-[\w-]{16,}|xox[abeprs]-[\w-]{10,}"
    r"|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"  # JSON web tokens (RFC 7519)
)


IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Seen(Protocol):
    """Who and where, as a HostView knows it."""

    @property
    def user(self) -> str:
        """Name of the user."""

    @property
    def hostname(self) -> str:
        """Name of the machine."""

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment variables."""

    @property
    def paths(self) -> _Paths:
        """The folders of the user."""


class _Paths(Protocol):
    @property
    def home(self) -> Path:
        """The home folder."""


class Redactor:
    """Takes out of texts what is personal or secret.

    user, home and hostname are those of this machine; environ has proxies and variables that are
    named like secrets; kept are words that stay, such as the name of the course. Names that are the
    same on every machine stay, and so do loopback addresses and `all interfaces`.
    """

    def __init__(
        self,
        *,
        user: str,
        home: str,
        hostname: str,
        environ: Mapping[str, str],
        kept: Collection[str] = (),
    ) -> None:
        proxies = list(_proxies(environ))
        names = {user, *(name for proxy in proxies for name in _spelled(proxy.username))}
        names -= {"", *NOBODYS}
        hosts = {hostname, hostname.partition(".")[0], *(proxy.hostname or "" for proxy in proxies)}
        hosts -= {""}
        hosts = {h for h in hosts if h.lower() not in NOBODYS and not _address_stays(h)}
        homes = {home, os.path.realpath(home)} - {"", "/"}
        passwords = {word for proxy in proxies for word in _spelled(proxy.password)}
        secrets = {word for word in passwords if len(word) >= SHORTEST_PASSWORD}
        secrets.update(_secrets(environ))
        stay = {OURS, *kept} - {"", *names, *hosts}
        self._rules: list[Callable[[re.Match[str]], str]] = []
        self._patterns: list[str] = []
        self._rule(f"{USER}|{HOST}|{ADDRESS}|{EMAIL}|{HIDDEN}", re.Match.group)
        self._rule(_any(secrets), lambda _: HIDDEN)
        self._secret_rules()
        self._rule(_word(stay), re.Match.group)
        self._rule(rf"(?<![\w.-]){_any(homes)}(?![\w-]|\.\w)", lambda _: "~")
        self._rule(r"/(?P<folder>home|Users)/[^\s/:;,'\"<>]+", lambda m: f"/{m['folder']}/{USER}")
        self._rule(r"(?P<forge>git(?:hub|lab)\.com[/:])[\w.-]+(?=/)", lambda m: m["forge"] + USER)
        self._rule(
            rf"(?<![A-Za-z0-9-])(?i:{_any(hosts)})(?:\.[A-Za-z0-9-]+)*(?![A-Za-z0-9-])",
            lambda _: HOST,
        )
        self._rule(_word(names), lambda _: USER)
        self._rule(r"(?<!\d)(?<!\d\.)\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)", _address)
        self._rule(r"(?<![\w:])[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?:%\w+)?(?!\w)", _address)
        self._pattern = re.compile(
            "|".join(f"(?P<r{i}>{pattern})" for i, pattern in enumerate(self._patterns)),
            re.ASCII,  # a letter with an accent bounds a name as a space does
        )

    @classmethod
    def of(cls, view: Seen, kept: Collection[str] = ()) -> Self:
        """The redactor of a machine as a HostView has it."""
        return cls(
            user=view.user,
            home=str(view.paths.home),
            hostname=view.hostname,
            environ=view.environ,
            kept=kept,
        )

    def text(self, text: str) -> str:
        """The text without what is personal or secret, and without terminal escapes, which could
        hide a name from us. Doing it twice changes nothing more."""
        return self._pattern.sub(self._replacement, ESCAPES.sub("", text))

    def _secret_rules(self) -> None:
        self._rule(
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
            lambda _: HIDDEN,
        )
        self._rule(
            r"://[^\s/?#@]*(?:@[^\s/?#@]*)*@",
            lambda _: f"://{HIDDEN}@",
        )
        self._rule(
            r"(?P<auth>(?i:\b(?:bearer|basic)) +)(?:[\w.~+/-]{8,}=*)",
            lambda m: m["auth"] + HIDDEN,
        )
        named = rf"{NAMED}s?+(?![A-Za-z])[\w-]{{0,40}}+[\"']?[ \t]*+[=:][ \t]*+"
        self._rule(
            rf"(?P<named>(?i:{named}))(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s,;\"']+)",
            lambda m: m["named"] + HIDDEN,
        )
        self._rule(rf"(?<![A-Za-z0-9])(?:{TOKENS})", lambda _: HIDDEN)
        # `git@github.com:` names a service, not a person.
        local, domain = r"[^\s@<>()\"',;:/=]", r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
        self._rule(rf"(?<!{local})(?!git@){local}+@{domain}", lambda _: EMAIL)

    def _rule(self, pattern: str, replace: Callable[[re.Match[str]], str]) -> None:
        self._patterns.append(pattern)
        self._rules.append(replace)

    def _replacement(self, found: re.Match[str]) -> str:
        # The rule's own group encloses those in it, so that it is closed last.
        number = int((found.lastgroup or "r0")[1:])
        return self._rules[number](found)


def _any(texts: Iterable[str]) -> str:
    """A pattern for any of these texts, the longest first; nothing matches where there are none."""
    found = sorted({text for text in texts if text}, key=lambda text: (-len(text), text))
    return f"(?:{'|'.join(map(re.escape, found))})" if found else r"(?!)"


def _word(texts: Iterable[str]) -> str:
    """A pattern for any of these texts where it is not a part of a longer word."""
    return rf"(?<![A-Za-z0-9]){_any(texts)}(?![A-Za-z0-9])"


def _proxies(environ: Mapping[str, str]) -> Iterable[SplitResult]:
    """The proxies that are set."""
    for name, value in environ.items():
        if name.lower() in {"http_proxy", "https_proxy", "all_proxy", "ftp_proxy"} and value:
            with contextlib.suppress(ValueError):  # brackets that hold no address
                yield urlsplit(value if "://" in value else f"http://{value}")


def _spelled(credential: str | None) -> set[str]:
    """A user or password of a URL as it is written there, and as it is."""
    return {credential, unquote(credential)} if credential else set()


def _secrets(environ: Mapping[str, str]) -> Iterable[str]:
    """The values of the variables that are named like secrets."""
    for name, value in environ.items():
        if len(value) >= SHORTEST_SECRET and re.search(NAMED, name, re.IGNORECASE):
            yield value


def _address(found: re.Match[str]) -> str:
    """An address hidden; what only looks like one stays, as does the end of a sentence."""
    text = found.group()
    for bare in (text, text[:-1], text.rstrip(":.")):
        if address := _as_address(bare):
            return text if _stays(address) else ADDRESS + text[len(bare) :]
    return text


def _as_address(text: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _stays(address: IPAddress) -> bool:
    """Whether this is an address that tells nothing: loopback, or all interfaces."""
    return address.is_loopback or address.is_unspecified


def _address_stays(text: str) -> bool:
    address = _as_address(text)
    return address is not None and _stays(address)

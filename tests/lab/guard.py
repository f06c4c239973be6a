"""Who may use the lab's registry: passwords, or tokens as Docker's registries give them."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import parse_qs, urlsplit

TOKENS = "/token"
READING = {"GET", "HEAD"}


@dataclass(frozen=True)
class Answer:
    """What is said instead of what was asked for."""

    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Guard:
    """Lets users in by password (`basic`) or by token (`bearer`), and readers push nothing.

    With tokens anybody may read. `granted` holds the tokens in force with what they allow: a test
    takes one away there. `uses`: how many requests a token is good for.
    """

    kind: str
    users: Mapping[str, str]
    readers: frozenset[str] = frozenset()
    refresh_token: str = ""
    uses: int | None = None
    granted: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    _used: dict[str, int] = field(default_factory=dict)

    def answer(
        self,
        method: str,
        target: str,
        headers: Message,
        body: Callable[[], Iterator[bytes]],
    ) -> Answer | None:
        """Answer for the registry, having read what was sent, or None: it may have the request."""
        if self.kind == "bearer" and urlsplit(target).path == TOKENS:
            return self._token(method, target, headers, b"".join(body()))
        refused = self._refused(method, headers) if target.startswith("/v2/") else None
        if refused:
            b"".join(body())
        return refused

    def _refused(self, method: str, headers: Message) -> Answer | None:
        shown = headers.get("Authorization", "")
        may = self._may_by_password(shown) if self.kind == "basic" else self._may_by_token(shown)
        if not may:
            challenge = self._challenge(headers.get("Host", ""))
            return _refusal(401, "UNAUTHORIZED", {"WWW-Authenticate": challenge})
        if method not in READING and "push" not in may:
            return _refusal(403, "DENIED", {})
        return None

    def _challenge(self, host: str) -> str:
        if self.kind == "basic":
            return 'Basic realm="lab"'
        return f'Bearer realm="http://{host}{TOKENS}",service="lab",scope="repository:any:pull"'

    def _may_by_password(self, shown: str) -> str:
        user = self._user(shown)
        return ("pull" if user in self.readers else "pull,push") if user else ""

    def _may_by_token(self, shown: str) -> str:
        token = shown.removeprefix("Bearer ")
        self._used[token] = self._used.get(token, 0) + 1
        if self.uses and self._used[token] > self.uses:
            self.granted.pop(token, None)
        return self.granted.get(token, "")

    def _token(self, method: str, target: str, headers: Message, sent: bytes) -> Answer:
        shown = headers.get("Authorization", "")
        if method == "POST":
            form = parse_qs(sent.decode())
            user = "someone" if form.get("refresh_token") == [self.refresh_token] else ""
            name = "access_token"
        else:
            form = parse_qs(urlsplit(target).query)
            user, name = self._user(shown), "token"
        if (shown or method == "POST") and not user:
            return _refusal(401, "UNAUTHORIZED", {})
        (scope,) = form["scope"]
        self.asked.append(scope)
        token = secrets.token_hex(8)
        may_push = user and user not in self.readers and scope.endswith("push")
        self.granted[token] = "pull,push" if may_push else "pull"
        return Answer(200, json.dumps({name: token, "expires_in": 300}))

    def _user(self, shown: str) -> str:
        user, _, password = base64.b64decode(shown.removeprefix("Basic ")).decode().partition(":")
        return user if user and self.users.get(user) == password else ""


def _refusal(status: int, code: str, headers: dict[str, str]) -> Answer:
    said = {"errors": [{"code": code, "message": f"the lab says {code}"}]}
    return Answer(status, json.dumps(said) + "\n", headers)

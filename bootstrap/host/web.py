"""One question to an HTTP server on this machine, with the standard library alone.

For what every command asks before it knows whether there is anything to do: importing the docker
SDK or requests takes longer than all of these questions together.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
from typing import Any
from urllib.parse import urlsplit

HTTP_ERRORS_FROM = 400


class RefusalError(Exception):
    """The server answered with an HTTP error; the text is what it said."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"HTTP {status}: {said}")
        self.status = status
        self.said = said


class OverSocket(http.client.HTTPConnection):
    """HTTP over a Unix socket, whose path may be longer than the 107 bytes that an address has."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        folder, name = os.path.split(self._path)
        descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self.sock.connect(f"/proc/self/fd/{descriptor}/{name}")
        finally:
            os.close(descriptor)


def ask(base: str, method: str, path: str, body: Any = None, *, timeout: float) -> bytes:
    """Send one request to base (`unix:///SOCKET` or `http://HOST:PORT`) and give the answer's body.

    body is sent as JSON; timeout is in seconds, a read. Raises RefusalError for an HTTP error and
    OSError where nothing answers.
    """
    parts = urlsplit(base)
    connection = (
        OverSocket(parts.path, timeout)
        if parts.scheme == "unix"
        else http.client.HTTPConnection(parts.netloc, timeout=timeout)
    )
    content = None if body is None else json.dumps(body)
    try:
        connection.request(method, path, content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
    except http.client.HTTPException as error:
        raise ConnectionError(f"no HTTP answer: {error!r}") from error
    finally:
        connection.close()
    if answer.status >= HTTP_ERRORS_FROM:
        raise RefusalError(answer.status, text.decode(errors="replace"))
    return text


def ask_json(base: str, method: str, path: str, body: Any = None, *, timeout: float) -> Any:
    """As ask(), with the answer read as JSON. Raises ConnectionError too where it is none."""
    text = ask(base, method, path, body, timeout=timeout)
    try:
        return json.loads(text)
    except ValueError as error:
        raise ConnectionError(f"the answer is not JSON: {text[:80]!r}") from error

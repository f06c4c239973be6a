"""What the front passes on: git to git's own CGI program, images to the real registry."""

from __future__ import annotations

import http.client
import io
import os
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from tests.lab.answer import PIECE

HOP_BY_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "te", "trailer", "transfer-encoding",
    "upgrade", "date", "server",
}  # fmt: skip


@dataclass(frozen=True)
class Passed:
    """An answer from behind the front, its body not read yet; `close` ends what gives it."""

    status: int
    headers: dict[str, str]
    pieces: Iterator[bytes]
    close: Callable[[], None]


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("registry")
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self.path))


def to_registry(
    place: Path, method: str, target: str, headers: Mapping[str, str], pieces: Iterator[bytes]
) -> Passed:
    """Pass a request on to the registry behind a Unix socket, bodies streamed both ways."""
    connection = _UnixConnection(place)
    passed_on: dict[str, str] = {}
    for name, value in headers.items():
        # A header may come several times: the engine says Accept once for each kind of manifest.
        if name.lower() not in HOP_BY_HOP:
            passed_on[name] = f"{passed_on[name]}, {value}" if name in passed_on else value
    chunked = "chunked" in headers.get("Transfer-Encoding", "").lower()
    if chunked:
        passed_on["Transfer-Encoding"] = "chunked"
    has_body = chunked or "Content-Length" in headers
    body = pieces if has_body else None
    try:
        connection.request(method, target, body=body, headers=passed_on, encode_chunked=chunked)
        response = connection.getresponse()
    except BaseException:  # the client left, or a fault ended what it sends
        connection.close()
        raise
    kept = {name: value for name, value in response.getheaders() if name.lower() not in HOP_BY_HOP}
    pieces = iter(partial(response.read, PIECE), b"")

    def close() -> None:
        response.close()
        connection.close()

    return Passed(response.status, kept, pieces, close)


def to_git(
    root: Path, method: str, target: str, headers: Mapping[str, str], pieces: Iterator[bytes]
) -> Passed:
    """Run `git http-backend` for a request; fetches of many objects stream as git makes them."""
    path, _, query = target.partition("?")
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        # The cache may belong to another user than the one who serves it.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": method,
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "HTTP_CONTENT_ENCODING": headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": headers.get("Git-Protocol", ""),
    }
    data = b"".join(pieces)  # what a client sends is a list of object names: small
    environment["CONTENT_LENGTH"] = str(len(data))
    process = subprocess.Popen(
        ["git", "http-backend"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(data)
    process.stdin.close()
    output = process.stdout
    assert isinstance(output, io.BufferedReader)
    status, answered = _cgi_headers(output)

    def close() -> None:
        output.close()
        process.kill()
        process.wait()

    # read1 gives what is there: git's progress reaches the client while git still works.
    return Passed(status, answered, iter(partial(output.read1, PIECE), b""), close)


def _cgi_headers(stream: IO[bytes]) -> tuple[int, dict[str, str]]:
    status, headers = 200, {}
    while line := stream.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        if name.lower() == "status":
            status = int(value.split()[0])
        else:
            headers[name] = value.strip()
    return status, headers

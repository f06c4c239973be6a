"""The front: one address for everything, with faults on demand and a log of what was asked."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any
from urllib.parse import unquote

from tests.lab import answer, static_files, upstreams
from tests.lab.answer import PIECE, AnswerEndedError
from tests.lab.faults import CutUpload, Fault, Faults, Lost, Status, fault_from
from tests.lab.guard import Guard
from tests.lab.requests_log import Request, RequestLog

CONTROL = "/_lab/"
GIT_SERVICES = ("/info/refs", "/git-upload-pack", "/git-receive-pack", "/HEAD")


@dataclass(frozen=True)
class Site:
    """What the front serves: folders laid out like the internet, a git root, a registry."""

    roots: Sequence[Path]
    git_root: Path | None = None
    registry: Path | None = None  # its Unix socket
    guard: Guard | None = None  # who may use the registry


class Front(ThreadingHTTPServer):
    """The server; `faults` and `requests` are its handles for tests in the same process."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, site: Site, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__((host, port), _Handler)
        self.site = site
        self.faults = Faults()
        self.requests = RequestLog()
        self.stopping = threading.Event()

    @property
    def url(self) -> str:
        """Return the address to use as a source."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def server_bind(self) -> None:
        """Bind without asking DNS for the host's name, as http.server would: it may hang."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that leave early: tests make them do so."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Front
    # Small answers leave at once, and a header and its body in one packet.
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    _entry: Request

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # named so by the base class
        """Write nothing: the request log is asked instead."""

    def _dispatch(self) -> None:
        path = unquote(self.path.partition("?")[0])
        if path.startswith(CONTROL):
            self._entry = Request(
                self.command, path, None
            )  # not logged: not part of what is tested
            self._control(path.removeprefix(CONTROL))
            return
        self._logged(path)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _dispatch  # noqa: N815  # http.server's names

    def _logged(self, path: str) -> None:
        self._entry = Request(self.command, path, self.headers.get("Range"))
        self.server.requests.add(self._entry)
        try:
            fault = self.server.faults.take(self.command, path)
            if isinstance(fault, Status):
                self._refuse(fault)
            else:
                self._answer(path, fault)
        except (AnswerEndedError, ConnectionError):
            self.close_connection = True

    def _answer(self, path: str, fault: Fault | None) -> None:
        site = self.server.site
        refused = site.guard and site.guard.answer(
            self.command, self.path, self.headers, self._body
        )
        if refused:
            self._text(refused.status, refused.text, fault, refused.headers)
        elif site.registry and (path == "/v2" or path.startswith("/v2/")):
            self._pass_on(upstreams.to_registry, site.registry, fault)
        elif site.git_root and ".git/" in path and path.endswith(GIT_SERVICES):
            self._pass_on(upstreams.to_git, site.git_root, fault)
        elif self.command in {"GET", "HEAD"} and (file := static_files.find(site.roots, path)):
            found = static_files.answer(
                file,
                wanted=self.headers.get("Range"),
                if_range=self.headers.get("If-Range"),
                known=self.headers.get("If-None-Match"),
            )
            self._send(found.status, found.headers, found.pieces(), fault)
        else:
            self._drop_body()
            self._text(HTTPStatus.NOT_FOUND, f"the lab has nothing at {path}\n", fault)

    def _pass_on(
        self, to: Callable[..., upstreams.Passed], place: Path, fault: Fault | None
    ) -> None:
        sent = _cut(self._body(), fault) if isinstance(fault, CutUpload) else self._body()
        passed = to(place, self.command, self.path, self.headers, sent)
        try:
            if isinstance(fault, Lost):
                raise AnswerEndedError
            self._send(passed.status, passed.headers, passed.pieces, fault)
        finally:
            passed.close()

    def _refuse(self, fault: Status) -> None:
        self._drop_body()
        headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
        self._text(fault.code, f"the lab answers {fault.code} as it was told to\n", None, headers)

    def _text(
        self, status: int, text: str, fault: Fault | None, headers: dict[str, str] | None = None
    ) -> None:
        data = text.encode()
        known = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(data))}
        self._send(status, known | (headers or {}), iter([data]), fault)

    def _send(
        self, status: int, headers: dict[str, str], pieces: Iterator[bytes], fault: Fault | None
    ) -> None:
        self._entry.status = status
        met = answer.meet(pieces, fault, self, self.server.stopping.is_set)
        answer.send(self, status, headers, met, self._count)

    def _count(self, sent: int) -> None:
        self._entry.bytes += sent

    def _body(self) -> Iterator[bytes]:
        """Read what the client sends, whichever way it says how long that is."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass  # trailers
            return
        left = int(self.headers.get("Content-Length") or 0)
        while left > 0:
            piece = self.rfile.read(min(PIECE, left))
            if not piece:
                raise AnswerEndedError  # the client left; the registry shall not wait for more
            left -= len(piece)
            yield piece

    def _drop_body(self) -> None:
        for _ in self._body():
            pass

    def _control(self, name: str) -> None:
        """Let tests in other processes set faults and read the log."""
        faults, log = self.server.faults, self.server.requests
        try:
            data = b"".join(self._body())
            match self.command, name:
                case "POST", "faults":
                    rule = json.loads(data)
                    path, times = rule.pop("path"), rule.pop("times", 1)
                    method = rule.pop("method", "*")
                    faults.add(path, fault_from(rule), times, method)
                case "DELETE", "faults":
                    faults.clear()
                case "DELETE", "requests":
                    log.clear()
                case "GET", "faults":
                    self._json(200, faults.pending())
                    return
                case "GET", "requests":
                    self._json(200, [asdict(entry) for entry in log])
                    return
                case _:
                    self._json(404, {"error": f"no {self.command} {CONTROL}{name}"})
                    return
            self._json(200, {"done": True})
        except (KeyError, TypeError, ValueError) as error:
            self._json(400, {"error": f"{type(error).__name__}: {error}"})

    def _json(self, status: int, value: object) -> None:
        data = json.dumps(value).encode() + b"\n"
        headers = {"Content-Type": "application/json", "Content-Length": str(len(data))}
        self._send(status, headers, iter([data]), None)


def _cut(pieces: Iterator[bytes], fault: CutUpload) -> Iterator[bytes]:
    """Give what a client sends, up to where the fault ends it."""
    left, kept = fault.after, list[bytes]()
    for piece in pieces:
        left -= len(piece)
        if left <= 0 and not fault.kept:
            yield piece[: left or None]
        if left <= 0:
            raise AnswerEndedError
        if fault.kept:
            kept.append(piece)
        else:
            yield piece
    yield from kept

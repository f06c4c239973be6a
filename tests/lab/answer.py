"""One HTTP answer on its way out: headers, then a body that a fault may meet."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler

from tests.lab.faults import Cut, Fault, Flip, Slow, Stall

PIECE = 1 << 18
STALL_LIMIT = 600.0  # no test waits longer; a forgotten connection ends too


class Broken(Exception):
    """The connection ends here, on purpose or because the client left."""


def body(
    handler: BaseHTTPRequestHandler,
    status: int,
    headers: Mapping[str, str],
    pieces: Iterable[bytes],
    *,
    fault: Fault | None,
    stopping: Callable[[], bool],
) -> int:
    """Send an answer and return the bytes of body sent; raise Broken if the fault ends it early.

    Without a Content-Length the body goes out in chunks, as its length is not known yet.
    """
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    chunked = "Content-Length" not in headers
    if chunked:
        handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    if handler.command == "HEAD":
        return 0
    sent = 0
    for whole in pieces:
        for piece in _cut_up(whole, sent, fault):
            stops = _stops_at(fault)
            if stops is not None and sent >= stops:
                _stop(handler, fault, stopping)
            _send(handler, _flipped(piece, sent, fault), chunked=chunked)
            sent += len(piece)
            if isinstance(fault, Slow):
                time.sleep(len(piece) / fault.rate)
                if stopping():
                    raise Broken
    if isinstance(fault, (Cut, Stall)) and sent >= fault.after:
        _stop(handler, fault, stopping)
    if chunked:
        handler.wfile.write(b"0\r\n\r\n")
    handler.wfile.flush()
    return sent


def _send(handler: BaseHTTPRequestHandler, piece: bytes, *, chunked: bool) -> None:
    if not piece:
        return
    handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)


def _stops_at(fault: Fault | None) -> int | None:
    return fault.after if isinstance(fault, (Cut, Stall)) else None


def _cut_up(whole: bytes, sent: int, fault: Fault | None) -> Iterable[bytes]:
    """Split so that a piece ends where the fault stops, or lasts a tenth of a second when slow."""
    stops = _stops_at(fault)
    if stops is not None and sent <= stops < sent + len(whole):
        return [piece for piece in (whole[: stops - sent], whole[stops - sent :]) if piece]
    if isinstance(fault, Slow):
        step = max(1, fault.rate // 10)
        return [whole[start : start + step] for start in range(0, len(whole), step)]
    return [whole]


def _flipped(piece: bytes, sent: int, fault: Fault | None) -> bytes:
    if isinstance(fault, Flip) and sent <= fault.at < sent + len(piece):
        changed = bytearray(piece)
        changed[fault.at - sent] ^= 0xFF
        return bytes(changed)
    return piece


def _stop(
    handler: BaseHTTPRequestHandler, fault: Fault | None, stopping: Callable[[], bool]
) -> None:
    handler.wfile.flush()
    if isinstance(fault, Stall):
        until = time.monotonic() + STALL_LIMIT
        while time.monotonic() < until and not stopping() and not _client_left(handler.connection):
            time.sleep(0.05)
    raise Broken


def _client_left(connection: socket.socket) -> bool:
    ready, _, _ = select.select([connection], [], [], 0)
    try:
        return bool(ready) and connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True

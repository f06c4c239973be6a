"""One HTTP answer on its way out: headers, then a body that a fault may meet."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler

from tests.lab.faults import Cut, Fault, Flip, Slow, Stall

PIECE = 1 << 18
STALL_LIMIT = 600.0  # no test waits longer; a forgotten connection ends too


class AnswerEndedError(Exception):
    """The connection ends here, as a fault wants it."""


def send(
    handler: BaseHTTPRequestHandler,
    status: int,
    headers: Mapping[str, str],
    pieces: Iterable[bytes],
    count: Callable[[int], None],
) -> None:
    """Send an answer, counting the bytes of its body.

    Without a Content-Length the body goes out in chunks, as its length is not known yet.
    """
    empty = handler.command == "HEAD" or status in {204, 304}
    chunked = "Content-Length" not in headers and not empty
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    if chunked:
        handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for piece in () if empty else pieces:
        if piece:
            count(len(piece))
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
    if chunked:
        handler.wfile.write(b"0\r\n\r\n")
    handler.wfile.flush()


def meet(
    pieces: Iterable[bytes],
    fault: Fault | None,
    handler: BaseHTTPRequestHandler,
    stopping: Callable[[], bool],
) -> Iterator[bytes]:
    """Pass a body on until a fault changes or ends it; places count from the body's start."""
    limit = fault.after if isinstance(fault, (Cut, Stall)) else None
    sent = 0
    for whole in pieces:
        for piece in _cut_up(whole, limit, sent, fault):
            if sent == limit:
                _end(fault, handler, stopping)
            if isinstance(fault, Slow):
                handler.wfile.flush()
                time.sleep(len(piece) / fault.rate)
            yield _flipped(piece, sent, fault)
            sent += len(piece)
    if sent == limit:
        _end(fault, handler, stopping)


def _cut_up(whole: bytes, limit: int | None, sent: int, fault: Fault | None) -> Iterator[bytes]:
    """Split so that a piece ends where the fault stops, or lasts a tenth of a second when slow."""
    if limit is not None and sent < limit < sent + len(whole):
        yield whole[: limit - sent]
        yield whole[limit - sent :]
    elif isinstance(fault, Slow):
        step = max(1, fault.rate // 10)
        yield from (whole[start : start + step] for start in range(0, len(whole), step))
    else:
        yield whole


def _flipped(piece: bytes, sent: int, fault: Fault | None) -> bytes:
    if isinstance(fault, Flip) and sent <= fault.at < sent + len(piece):
        changed = bytearray(piece)
        changed[fault.at - sent] ^= 0xFF
        return bytes(changed)
    return piece


def _end(
    fault: Fault | None, handler: BaseHTTPRequestHandler, stopping: Callable[[], bool]
) -> None:
    handler.wfile.flush()
    if isinstance(fault, Stall):
        until = time.monotonic() + STALL_LIMIT
        while time.monotonic() < until and not stopping() and not _client_left(handler.connection):
            time.sleep(0.05)
    raise AnswerEndedError


def _client_left(connection: socket.socket) -> bool:
    try:
        ready, _, _ = select.select([connection], [], [], 0)
        return bool(ready) and connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True

"""A service on loopback that answers from a table: method and path to status and body, and the type
of its content where that matters."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any] | tuple[int, Any, str]


@dataclass
class FakeService:
    """Its answers, and what was asked of it: (method and path, body)."""

    url: str = ""
    asked: list[tuple[str, bytes]] = field(default_factory=list)

    def times(self, question: str) -> int:
        return sum(asked == question for asked, _ in self.asked)


@contextmanager
def serving(answers: Mapping[str, Answer | list[Answer]]) -> Iterator[FakeService]:
    """Serve; of a list the first answer goes once, then the next; the last one stays."""
    fake = FakeService()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            question = f"{self.command} {self.path.split('?')[0]}"
            before = fake.times(question)
            fake.asked.append((question, body))
            known = answers.get(question, (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"}))
            answer = known[min(before, len(known) - 1)] if isinstance(known, list) else known
            status, said, *kind = answer
            content = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(status)
            for name in kind:
                self.send_header("Content-Type", name)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = do_PUT = answer  # noqa: N815 - names that http.server calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        fake.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()

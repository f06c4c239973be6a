from __future__ import annotations

import datetime
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bootstrap.host.network import (
    clock_offset,
    head,
    hidden,
    offset,
    proxy_answers,
    proxy_for,
    proxy_settings,
    resolve,
)

NOON = datetime.datetime(2026, 1, 2, 12, tzinfo=datetime.UTC)


@contextmanager
def server(ahead: float = 0.0, status: int = 200) -> Iterator[str]:
    """An HTTP server on loopback whose clock is that many seconds ahead."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(status)
            self.end_headers()

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(time.time() + ahead)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}"
        finally:
            http.shutdown()
            thread.join()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that refuses: bound, so that nobody else takes it, and not listening."""
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that accepts and never says anything."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://ann:s3cret@proxy:3128", "http://ann:***@proxy:3128"),
        ("http://ann:s3@cret@proxy:3128/", "http://ann:***@proxy:3128/"),
        ("https://token@mirror/x?y@z", "https://***@mirror/x?y@z"),
        ("ann:s3cret@proxy:3128", "ann:***@proxy:3128"),
        ("http://proxy:3128", "http://proxy:3128"),
        ("https://mirror/a@b", "https://mirror/a@b"),
        ("localhost,.example", "localhost,.example"),
    ],
)
def test_credentials_are_hidden(url: str, shown: str) -> None:
    assert hidden(url) == shown


def test_proxy_settings_hide_credentials_and_prefer_lower_case() -> None:
    environ = {
        "HTTPS_PROXY": "http://ann:s3cret@one:1",
        "http_proxy": "http://two:2",
        "HTTP_PROXY": "http://three:3",
        "ALL_PROXY": "",
        "PATH": "/bin",
    }
    assert proxy_settings(environ) == {
        "http_proxy": "http://two:2",
        "https_proxy": "http://ann:***@one:1",
    }


@pytest.mark.parametrize(
    ("url", "no_proxy", "through"),
    [
        ("https://github.com/x", "", "http://proxy:3128"),
        ("http://github.com/x", "", None),
        ("https://github.com/x", "*", None),
        ("https://github.com/x", "example.org, .github.com", None),
        ("https://codeload.github.com/x", "github.com", None),
        ("https://notgithub.com/x", "github.com", "http://proxy:3128"),
        ("https://github.com:8443/x", "github.com:8443", None),
        ("https://github.com/x", "github.com:8443", "http://proxy:3128"),
        ("https://10.1.2.3/x", "10.0.0.0/8", None),
        ("https://11.1.2.3/x", "10.0.0.0/8", "http://proxy:3128"),
        ("https://user@github.com/x", "github.com", None),
    ],
)
def test_which_proxy_a_request_goes_through(url: str, no_proxy: str, through: str | None) -> None:
    assert proxy_for(url, {"https_proxy": "proxy:3128", "no_proxy": no_proxy}) == through


def test_all_proxy_counts_where_the_scheme_has_none() -> None:
    assert proxy_for("http://a/", {"all_proxy": "socks5://p:1"}) == "socks5://p:1"


def test_names_resolve_or_say_why_not() -> None:
    assert resolve("localhost") is None
    assert resolve("127.0.0.1") is None
    assert resolve("nowhere.invalid")
    assert resolve("a..b") is not None


def test_a_lookup_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: ended.wait(10))
    started = time.monotonic()
    assert resolve("slow.example", deadline=0.2) == "no answer within 0.2 s"
    assert time.monotonic() - started < 2
    ended.set()


def test_a_proxy_that_accepts_and_one_that_refuses() -> None:
    with silent_port() as port:
        assert proxy_answers(f"http://ann:s3cret@127.0.0.1:{port}") is None
        assert proxy_answers(f"127.0.0.1:{port}") is None
    with closed_port() as port:
        assert proxy_answers(f"http://127.0.0.1:{port}") == "Connection refused"
    assert proxy_answers("http://proxy:notaport")


@pytest.mark.parametrize("ahead", [0, -3600, 86400])
def test_the_clock_is_compared_with_that_of_the_host(ahead: float) -> None:
    with server(ahead) as url:
        found = clock_offset(url)
    assert found is not None
    assert abs(found + ahead) < 3


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Date": format_datetime(NOON, usegmt=True)}, 10.0),
        ({"Date": format_datetime(NOON, usegmt=True), "Age": "7"}, 3.0),
        ({"Date": "yesterday"}, None),
        ({"Date": format_datetime(NOON, usegmt=True), "Age": "old"}, None),
        ({}, None),
    ],
)
def test_the_date_of_an_answer(headers: dict[str, str], seconds: float | None) -> None:
    assert offset(headers, NOON.timestamp() + 10) == seconds


def test_any_status_is_an_answer_but_a_proxy_that_wants_a_password() -> None:
    with server(status=404) as url:
        assert not head(url).error
    with server(status=407) as url:
        answer = head("http://host.example/", {"http_proxy": url})
    assert answer.proxy
    assert "407" in answer.error


def test_a_host_that_refuses_or_says_nothing() -> None:
    with closed_port() as port:
        assert head(f"http://127.0.0.1:{port}").error == "Connection refused"
    with silent_port() as port:
        started = time.monotonic()
        assert head(f"http://127.0.0.1:{port}", deadline=0.3).error
        assert time.monotonic() - started < 2


def test_a_dead_proxy_is_the_proxys_fault_and_shows_no_password() -> None:
    with closed_port() as port:
        environ = {"https_proxy": f"http://ann:s3cret@127.0.0.1:{port}"}
        answer = head("https://host.example/", environ)
    assert answer.proxy
    assert "s3cret" not in answer.error

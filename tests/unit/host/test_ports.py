from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psutil
import pytest

from bootstrap.core.errors import BootstrapError
from bootstrap.host.ports import Holder, holder, listener_uid, next_free, ss_holder

TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000   105        0 651 1
   1: 0100007F:1388 0100007F:3A98 06 00000000:00000000 03:00000E3D 00000000     0        0 0 3
"""


@contextmanager
def listener(address: str, family: int = socket.AF_INET) -> Iterator[int]:
    with closing(socket.socket(family, socket.SOCK_STREAM)) as server:
        server.bind((address, 0))
        server.listen(1)
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    ("address", "family"),
    [
        ("127.0.0.1", socket.AF_INET),
        ("0.0.0.0", socket.AF_INET),
        ("::", socket.AF_INET6),
        ("::ffff:127.0.0.1", socket.AF_INET6),
    ],
)
def test_a_listener_is_found_with_its_process(address: str, family: int) -> None:
    with listener(address, family) as port:
        found = holder(port)
    assert found is not None
    assert (found.pid, found.name) == (os.getpid(), psutil.Process().name())
    assert str(found) == f"{psutil.Process().name()} (process {os.getpid()})"


def test_a_free_port_has_no_holder() -> None:
    with listener("127.0.0.1") as port:
        pass
    assert holder(port) is None


def test_a_connection_that_just_ended_does_not_hold_its_port() -> None:
    with listener("127.0.0.1") as port, closing(socket.create_server(("127.0.0.1", 0))) as server:
        server_port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", server_port))
        accepted, _ = server.accept()
        accepted.close()  # the side that closes first is left in TIME_WAIT
        client.close()
        assert port != server_port
    assert holder(server_port) is None


def test_an_engine_names_the_container() -> None:
    with listener("127.0.0.1") as port:
        found = holder(port, published_by=lambda asked: "grafana" if asked == port else None)
    assert str(found) == "container grafana"


def test_an_engine_that_fails_leaves_the_process() -> None:
    def fails(port: int) -> str | None:
        raise BootstrapError("E-ENGINE-LOST", "gone")

    with listener("127.0.0.1") as port:
        found = holder(port, published_by=fails)
    assert found is not None
    assert found.pid == os.getpid()


def test_the_next_free_port_skips_what_is_taken_and_what_is_spoken_for() -> None:
    with listener("127.0.0.1") as port:
        following = next_free(port - 1, avoid={port + 1})
        assert following is not None
        assert following > port + 1
    assert next_free(65535) is None


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Holder("gunicorn", 812), "gunicorn (process 812)"),
        (Holder("", 812), "a program (process 812)"),
        (Holder(user="postgres"), "a process of user postgres"),
        (Holder("docker-proxy", 9, "root", "grafana"), "container grafana"),
        (Holder(), "a process of another user"),
    ],
)
def test_a_holder_in_words(found: Holder, words: str) -> None:
    assert str(found) == words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            'LISTEN 0 4096 127.0.0.1:5000 0.0.0.0:* users:(("docker-proxy",pid=77,fd=4))\n',
            Holder("docker-proxy", 77),
        ),
        (
            'LISTEN 0 5 *:5000 *:* users:(("nginx: worker",pid=8,fd=6),("nginx",pid=7,fd=6))\n',
            Holder("nginx: worker", 8),
        ),
        ("LISTEN 0 5 *:5000 *:*\n", None),
        ("", None),
    ],
)
def test_what_ss_prints(text: str, found: Holder | None) -> None:
    assert ss_holder(text) == found


@pytest.mark.parametrize(("port", "uid"), [(2024, 105), (5000, None), (1, None)])
def test_the_user_of_a_listener(port: int, uid: int | None) -> None:
    assert listener_uid(TCP, port) == uid

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bootstrap.preflight import Needs, preflight
from tests.unit.host.test_network import silent_port
from tests.unit.preflight.test_machine import MACHINE, NEEDS


def test_all_problems_come_at_once_and_in_order(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        needs = Needs(
            MACHINE,
            systems={"debian": ">=99"},
            disk_at={"images": (tmp_path, 2**60)},
            ports={"mlflow": (taken.getsockname()[1], "--port")},
            hosts=(("environment", "https://channel.invalid/x"),),
            writable=(tmp_path / "file" / "x",),
            prefix=Path("/home/a b"),
        )
        found = preflight(needs)
    codes = ["E-OS", "E-DISK", "E-NOT-WRITABLE", "W-PATH", "E-PORT-TAKEN", "E-DNS"]
    assert [p.code for p in found] == codes
    assert [p.code for p in found if not p.fatal] == ["E-OS", "W-PATH"]
    assert sorted(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_good_machine_has_no_problem() -> None:
    assert preflight(NEEDS) == ()


def test_a_network_that_swallows_everything_costs_less_than_four_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = threading.Event()
    real = socket.getaddrinfo

    def lookup(host: str, *rest: Any, **options: Any) -> object:
        if host.endswith(".example"):
            ended.wait(20)
        return real(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with silent_port() as port:
        urls = [f"https://host{number}.example/" for number in range(8)]
        urls += [f"http://127.0.0.1:{port}/", f"https://127.0.0.1:{port}/"]
        started = time.monotonic()
        found = preflight(Needs(MACHINE, hosts=tuple(("step", url) for url in urls)))
        taken = time.monotonic() - started
    ended.set()
    assert taken < 4
    assert {p.code for p in found} == {"E-DNS", "E-HOST-UNREACHABLE"}

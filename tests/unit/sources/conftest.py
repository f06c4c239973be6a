from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bootstrap.core import retry
from bootstrap.sources import http
from tests.lab.server import Front
from tests.unit.jobs import RecordedJob
from tests.unit.lab.fronts import running

SIZE = 3_000_000


@dataclass(frozen=True)
class Served:
    front: Front
    content: bytes
    target: Path

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def url(self) -> str:
        return f"{self.front.url}/tool.bin"

    @property
    def part(self) -> Path:
        return self.target.with_name(f".tool.bin.{self.sha256[:12]}.part")

    @property
    def asked(self) -> list[tuple[int, str | None]]:
        return [(entry.status, entry.range) for entry in self.front.requests]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    root = tmp_path / "root"
    root.mkdir()
    content = random.Random(1).randbytes(SIZE)
    (root / "tool.bin").write_bytes(content)
    with running(root) as front:
        yield Served(front, content, tmp_path / "target" / "tool.bin")


@pytest.fixture
def job() -> RecordedJob:
    return RecordedJob()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(http, "STALL_TIMEOUT", 0.5)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)

"""Wheels by the real uv, from an index on loopback with wheels of a few hundred bytes."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import sys
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bootstrap.core import retry
from bootstrap.core.errors import BootstrapError, TransientError
from bootstrap.course.requirements import WheelPin
from bootstrap.host.host import Host, this_machine
from bootstrap.steps.wheels import install_wheels
from tests.lab import Cut, Fault, Flip, Stall, Status
from tests.lab.server import Front
from tests.unit.jobs import RecordedJob
from tests.unit.lab.fronts import running

NAMES = ("alpha", "beta", "gamma")
BETA = "*/beta-1.0-*.whl"


def wheel(name: str) -> bytes:
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}/__init__.py": b"X = 1\n" * 500,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = []
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(data)}\n")
    files[f"{info}/RECORD"] = "".join([*lines, f"{info}/RECORD,,\n"]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2023, 1, 1, 0, 0, 0)), data)
    return buffer.getvalue()


@dataclass(frozen=True)
class Index:
    front: Front
    host: Host
    prefix: Path
    requirements: Path
    pins: tuple[WheelPin, ...]

    def install(self, job: RecordedJob) -> None:
        install_wheels(self.requirements, self.pins, self.prefix, self.host, job)

    @property
    def installed(self) -> set[str]:
        found = self.prefix.glob("lib/python*/site-packages/*.dist-info/INSTALLER")
        return {path.parent.name.partition("-")[0] for path in found}


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    pins = []
    for name in NAMES:
        data = wheel(name)
        file = tmp_path / "root" / "files" / f"{name}-1.0-py3-none-any.whl"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        page = tmp_path / "root" / "simple" / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f'<!DOCTYPE html><a href="../../files/{file.name}">{file.name}</a>')
        pins.append(WheelPin(name, "1.0", None, (hashlib.sha256(data).hexdigest(),)))
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(
        "".join(f"{pin.name}==1.0 --hash=sha256:{pin.hashes[0]}\n" for pin in pins)
    )
    venv.create(tmp_path / "prefix")
    for name in [n for n in os.environ if n.startswith(("UV_", "XDG_", "PIP_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.02)
    with running(tmp_path / "root") as front:
        monkeypatch.setitem(static_types(), "", "text/html")
        monkeypatch.setenv("PIP_INDEX_URL", front.url.replace("//", "//u:geheim@") + "/simple/")
        host = this_machine(os.environ)[1]
        yield Index(front, host, tmp_path / "prefix", requirements, tuple(pins))


def static_types() -> dict[str, str]:
    from tests.lab import static_files

    return static_files.TYPES


@pytest.fixture
def job() -> RecordedJob:
    return RecordedJob()


def test_wheels_come_from_the_index_of_pip(index: Index, job: RecordedJob) -> None:
    index.install(job)
    assert index.installed == set(NAMES)


def test_another_digest_names_package_and_both(index: Index, job: RecordedJob) -> None:
    right = index.pins[1].hashes[0]
    text = index.requirements.read_text()
    index.requirements.write_text(text.replace(right, "0" * 64))
    pins = tuple(replace(p, hashes=("0" * 64,)) if p.name == "beta" else p for p in index.pins)
    with pytest.raises(BootstrapError) as caught:
        replace(index, pins=pins).install(job)
    error = caught.value
    assert error.code == "E-DIGEST"
    assert "0" * 64 in error.what
    assert error.where == "beta==1.0"
    assert right in error.what
    assert index.installed == set()


def test_a_damaged_wheel_is_not_what_was_pinned(index: Index, job: RecordedJob) -> None:
    index.front.faults.add(BETA, Flip(at=60), times=None)
    with pytest.raises(BootstrapError) as caught:
        index.install(job)
    assert (caught.value.code, caught.value.where) == ("E-DIGEST", "beta==1.0")
    assert index.pins[1].hashes[0] in caught.value.what
    assert len(index.front.requests.matching(BETA)) == 1


@pytest.mark.parametrize(
    "fault", [Cut(after=100), Stall(after=100), Status(500), Status(429)], ids=lambda f: f.name
)
def test_a_bad_day_passes(index: Index, job: RecordedJob, fault: Fault) -> None:
    index.front.faults.add(BETA, fault, times=1)
    index.install(job)
    assert index.installed == set(NAMES)
    assert len(index.front.requests.matching(BETA)) > 1


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_is_not_retried(index: Index, job: RecordedJob, status: int) -> None:
    index.front.faults.add(BETA, Status(status), times=None)
    with pytest.raises(BootstrapError) as caught:
        index.install(job)
    assert caught.value.code == "E-DOWNLOAD"
    assert str(status) in caught.value.what
    assert "geheim" not in f"{caught.value} {job.notes}"
    assert len(index.front.requests.matching(BETA)) == 1


def test_a_version_that_the_index_lacks(index: Index, job: RecordedJob) -> None:
    index.requirements.write_text(f"alpha==2.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(BootstrapError) as caught:
        index.install(job)
    assert caught.value.code == "E-DOWNLOAD"
    assert "alpha==2.0" in caught.value.what


def test_an_unreachable_index_is_named(
    index: Index, job: RecordedJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://u:geheim@no-such-index.invalid/simple/")
    with pytest.raises(TransientError) as caught:
        index.install(job)
    assert caught.value.code == "E-HOST-UNREACHABLE"
    assert "no-such-index.invalid" in caught.value.what
    assert "PIP_INDEX_URL" in caught.value.remedy
    assert "geheim" not in f"{caught.value} {job.notes}"


def test_a_half_installed_wheel_is_installed_again(index: Index, job: RecordedJob) -> None:
    index.install(job)
    site = index.prefix / f"lib/python3.{sys.version_info[1]}/site-packages"
    (site / "beta-1.0.dist-info" / "INSTALLER").unlink()  # what a kill while linking leaves
    (site / "beta" / "__init__.py").unlink()
    index.install(job)
    assert (site / "beta" / "__init__.py").exists()
    assert index.installed == set(NAMES)

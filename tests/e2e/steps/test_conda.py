"""The conda part of an environment, by the real rattler from a server with bad days."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bootstrap.core.errors import BootstrapError, Interrupted, TransientError
from bootstrap.course.condalock import CondaPin
from bootstrap.sources.source import Source
from bootstrap.steps.conda import LINKING_GRACE, install_conda
from tests.e2e.conftest import small_disk
from tests.e2e.steps.conftest import Mirror
from tests.lab import Cut, Fault, Flip, LabFiles, Slow, Stall, Status
from tests.lab.conda_channel import CHANNEL
from tests.unit.jobs import RecordedJob

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[3]
OPENSSL = "*/openssl-*.conda"
Pins = tuple[CondaPin, ...]


def small(pins: Pins) -> Pins:
    return tuple(pin for pin in pins if pin.name in {"openssl", "ncurses", "libzlib"})


def content(prefix: Path) -> dict[str, str]:
    """Every file of a prefix with its digest, links as links; conda-meta without what is local."""
    found: dict[str, str] = {}
    for path in sorted(prefix.rglob("*")):
        name = str(path.relative_to(prefix))
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            data = path.read_bytes().replace(str(prefix).encode(), b"PREFIX")
            if name.startswith("conda-meta/") and path.suffix == ".json":
                kept = json.loads(data)
                for local in ("extracted_package_dir", "link", "paths_data", "files"):
                    kept.pop(local, None)
                data = json.dumps(kept, sort_keys=True).encode()
            found[name] = hashlib.sha256(data).hexdigest()
    return found


def test_an_environment_runs_where_the_path_is_odd(
    mirror: Mirror, pins: Pins, room: Path, job: RecordedJob
) -> None:
    prefix = room / "a b'c ü"
    install_conda(pins, prefix, room / "conda", mirror.source, job)
    ask = "import ssl, sqlite3, sys; print(sys.prefix)"
    said = subprocess.run([prefix / "bin/python", "-c", ask], capture_output=True, check=True)
    assert said.stdout.decode().strip() == str(prefix)
    archives = [entry.path for entry in mirror.front.requests]
    assert len(archives) == len(set(archives)) == len(pins)
    assert not (room / "conda-archives").exists()
    units = [event.unit for event in job.progresses]
    assert units.index("bytes") < units.index("packages")
    mirror.front.requests.clear()
    install_conda(pins, room / "second", room / "conda", mirror.source, job)
    assert len(mirror.front.requests) == 0


def test_noarch_python_packages_are_installed_right(
    mirror: Mirror, lab: LabFiles, pins: Pins, room: Path, job: RecordedJob
) -> None:
    prefix = room / "prefix"
    install_conda((*pins, *noarch(lab)), prefix, room / "conda", mirror.source, job)
    said = subprocess.run([prefix / "bin/pip", "--version"], capture_output=True, check=True)
    assert str(prefix / "lib" / "python3.12" / "site-packages" / "pip") in said.stdout.decode()


def noarch(lab: LabFiles) -> Pins:
    """Pins of what the channel has beside the lock: Python packages."""
    made = []
    for archive in (lab.channel / CHANNEL / "noarch").glob("*.conda"):
        name, version, build = archive.stem.rsplit("-", 2)
        if name in {"pip", "setuptools", "wheel", "packaging"}:
            made.append(
                CondaPin(
                    name, version, build,
                    f"https://{CHANNEL}/noarch/{archive.name}",
                    hashlib.sha256(archive.read_bytes()).hexdigest(),
                    None, "noarch", archive.name, (),
                )
            )  # fmt: skip
    return tuple(made)


@pytest.mark.parametrize("at", [10, 5000, 1_000_000])
def test_a_flipped_byte_is_a_wrong_digest(
    mirror: Mirror, pins: Pins, room: Path, job: RecordedJob, at: int
) -> None:
    mirror.front.faults.add(OPENSSL, Flip(at=at), times=None)
    with pytest.raises(BootstrapError) as caught:
        install_conda(small(pins), room / "prefix", room / "conda", mirror.source, job)
    pin = next(pin for pin in pins if pin.name == "openssl")
    error = caught.value
    assert error.code == "E-DIGEST"
    assert pin.filename in error.what
    assert pin.sha256 in error.what
    assert len([w for w in error.what.replace(",", "").split() if len(w) == 64]) == 2
    assert error.where == mirror.source.url(pin.url)
    assert len(mirror.front.requests.matching(OPENSSL)) == 1
    assert not (room / "prefix").exists()


def test_an_edited_lock_is_a_wrong_digest(
    mirror: Mirror, pins: Pins, room: Path, job: RecordedJob
) -> None:
    install_conda(small(pins), room / "prefix", room / "conda", mirror.source, job)
    edited = tuple(dataclasses.replace(pin, sha256="0" * 64, md5=None) for pin in small(pins))
    with pytest.raises(BootstrapError, match="E-DIGEST") as caught:
        install_conda(edited, room / "second", room / "conda", mirror.source, job)
    assert "0" * 64 in caught.value.what


@pytest.mark.parametrize(
    "fault",
    [Cut(after=200_000), Stall(after=200_000), Status(500), Status(429, retry_after=1)],
    ids=lambda fault: fault.name,
)
def test_a_server_with_a_bad_day_is_asked_again(
    mirror: Mirror, pins: Pins, room: Path, job: RecordedJob, fault: Fault
) -> None:
    mirror.front.faults.add(OPENSSL, fault, times=2)
    install_conda(small(pins), room / "prefix", room / "conda", mirror.source, job)
    assert (room / "prefix" / "lib" / "libssl.so.3").exists()
    others = [e for e in mirror.front.requests if "openssl" not in e.path]
    assert len(others) == 2  # what had arrived was not fetched again
    served = mirror.front.requests.matching(OPENSSL)
    assert sum(e.bytes for e in served if e.status in {200, 206}) == archive_size(mirror)


def archive_size(mirror: Mirror) -> int:
    (archive,) = (
        file
        for root in mirror.front.site.roots
        for file in (root / CHANNEL / "linux-64").glob("openssl-*.conda")
    )
    return archive.stat().st_size


def test_what_arrived_before_a_failure_is_kept(
    mirror: Mirror, pins: Pins, room: Path, job: RecordedJob
) -> None:
    mirror.front.faults.add(OPENSSL, Status(404), times=1)
    with pytest.raises(BootstrapError, match="E-DOWNLOAD"):
        install_conda(small(pins), room / "prefix", room / "conda", mirror.source, job)
    mirror.front.requests.clear()
    install_conda(small(pins), room / "prefix", room / "conda", mirror.source, job)
    assert ["openssl" in entry.path for entry in mirror.front.requests] == [True]


def test_an_unreachable_source_is_named(pins: Pins, room: Path, job: RecordedJob) -> None:
    source = Source("http://u:geheim@no-such-mirror.invalid")
    with pytest.raises(TransientError) as caught:
        install_conda(small(pins), room / "prefix", room / "conda", source, job)
    assert caught.value.code == "E-HOST-UNREACHABLE"
    assert "no-such-mirror.invalid" in caught.value.what
    assert "--source" in caught.value.remedy
    assert "geheim" not in f"{caught.value} {job.notes}"


def test_conda_meta_tells_the_origin_and_no_password(
    mirror: Mirror, pins: Pins, room: Path, job: RecordedJob
) -> None:
    source = Source(mirror.front.url.replace("//", "//u:geheim@"))
    install_conda(small(pins), room / "prefix", room / "conda", source, job)
    for pin in small(pins):
        file = room / "prefix" / "conda-meta" / f"{pin.filename.removesuffix('.conda')}.json"
        record = json.loads(file.read_text())
        assert (record["url"], record["sha256"]) == (pin.url, pin.sha256)
        assert record["channel"] == "https://conda.anaconda.org/conda-forge"
    local = subprocess.run(
        ["grep", "-rlE", "geheim|127.0.0.1:", room], capture_output=True, check=False
    )
    meta = [line for line in local.stdout.decode().splitlines() if "conda-meta" in line]
    assert meta == []


def test_a_poisoned_cache_is_noticed_and_mended(
    mirror: Mirror, pins: Pins, room: Path, job: RecordedJob
) -> None:
    install_conda(pins, room / "first", room / "conda", mirror.source, job)
    edited = room / "first" / "lib" / "python3.12" / "this.py"
    right = edited.read_bytes()
    with edited.open("r+b") as file:  # in place: the file is the cache's own, by hardlink
        file.write(b"poison")
    mirror.front.requests.clear()
    install_conda(pins, room / "second", room / "conda", mirror.source, job)
    assert (room / "second" / "lib" / "python3.12" / "this.py").read_bytes() == right
    assert ["python-3" in entry.path for entry in mirror.front.requests] == [True]
    assert any("changed in the cache" in note for note in job.notes)


INSTALL = """
import signal, sys
from pathlib import Path
from bootstrap.cli.leave import leave
from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Job
from bootstrap.course.condalock import read_conda_lock
from bootstrap.sources.source import Source
from bootstrap.steps.conda import install_conda

lock, prefix, cache, source = sys.argv[1:]
cancel = Cancel()
with cancel.on_signals():
    print("ready", flush=True)
    try:
        install_conda(read_conda_lock(Path(lock), "linux-64"), Path(prefix), Path(cache),
                      Source(source), Job("step", lambda event: None, cancel))
    except BootstrapError as error:
        leave(error.exit_code)  # as the command does
"""


def started(lock: Path, room: Path, source: Source) -> subprocess.Popen[bytes]:
    prefix, cache = room / "prefix", room / "conda"
    words = [sys.executable, "-c", INSTALL, str(lock), str(prefix), str(cache), source.base]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return process


def test_kill_at_any_moment_then_again_gives_a_clean_install(
    mirror: Mirror, lab: LabFiles, pins: Pins, room: Path, job: RecordedJob
) -> None:
    lock = lab.course_path.with_name("conda-lock.yml")
    killed = 0
    for moment in (0.3, 0.5, 0.7, 0.9, 1.2):
        with started(lock, room, mirror.source) as process:
            time.sleep(moment)
            process.kill()
        killed += process.returncode == -signal.SIGKILL
    assert killed
    # What a kill leaves at the worst moment: metadata that is half written.
    install_conda(pins, room / "prefix", room / "conda", mirror.source, job)
    metadata = next((room / "prefix" / "conda-meta").glob("openssl*.json"))
    metadata.write_bytes(metadata.read_bytes()[:100])
    (room / "prefix" / "lib" / "libssl.so.3").unlink()
    (room / "conda" / ".half-unpacked").mkdir()
    install_conda(pins, room / "prefix", room / "conda", mirror.source, job)
    assert not (room / "conda" / ".half-unpacked").exists()
    install_conda(pins, room / "clean", room / "clean-conda", mirror.source, job)
    assert content(room / "prefix") == content(room / "clean")


@pytest.mark.parametrize("moment", ["download", "linking"])
def test_a_cancelled_install_ends_soon_and_quietly(
    mirror: Mirror, lab: LabFiles, room: Path, moment: str
) -> None:
    if moment == "download":
        mirror.front.faults.add("*/python-3*.conda", Slow(rate=200_000))
    with started(lab.course_path.with_name("conda-lock.yml"), room, mirror.source) as process:
        wait_for(room, "conda-archives/.python-*.part" if moment == "download" else "prefix/bin")
        begun = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert time.monotonic() - begun < LINKING_GRACE + 5  # a person waits
    assert process.returncode == 130
    assert errors == b""


def wait_for(room: Path, pattern: str) -> None:
    for _ in range(3000):
        if next(room.glob(pattern), None):
            return
        time.sleep(0.01)
    raise AssertionError(f"no {pattern} came")


def test_a_full_disk_is_said(mirror: Mirror, pins: Pins, room: Path, job: RecordedJob) -> None:
    install_conda(pins, room / "first", room / "conda", mirror.source, job)
    disk = room / "disk"
    with small_disk(disk, "16m"):
        for prefix, cache in ((disk / "prefix", room / "conda"), (room / "third", disk / "conda")):
            with pytest.raises(BootstrapError) as caught:
                install_conda(pins, prefix, cache, mirror.source, job)
            assert caught.value.code == "E-DISK-FULL"
            assert str(disk) in caught.value.where


def test_a_cancel_before_linking_is_seen(
    mirror: Mirror, pins: Pins, room: Path, job: RecordedJob
) -> None:
    mirror.front.faults.add(OPENSSL, Stall(after=10), times=None)
    thread = threading.Timer(0.5, job.cancel.request)
    thread.start()
    with pytest.raises(Interrupted):
        install_conda(small(pins), room / "prefix", room / "conda", mirror.source, job)
    thread.join()

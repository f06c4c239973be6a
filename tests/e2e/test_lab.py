"""The stand-ins are real: each is used here by the tool that uses the original."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import rattler
import requests
import yaml

from tests.lab import Cut, LabFiles, LabServer, Status, build_lab, images, serve
from tests.lab.commands import run
from tests.lab.conda_channel import CHANNEL
from tests.lab.conda_package import PLACEHOLDER
from tests.lab.engine import Engine, private_engine
from tests.lab.oci import Entry, Image, Layer, push

# The first of these tests builds the lab if the cache is empty.
pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
MODULES = (
    "bz2, ctypes, curses, decimal, hashlib, lzma, multiprocessing, pyexpat, readline, sqlite3, ssl,"
    " uuid, venv, zlib, zoneinfo"
)


@pytest.fixture(scope="module")
def lab() -> LabFiles:
    return build_lab()


@pytest.fixture
def server(lab: LabFiles) -> Iterator[LabServer]:
    with serve(lab) as running:
        yield running


def course(lab: LabFiles) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(lab.course_path.read_text())
    return loaded


def pinned_image(lab: LabFiles, role: str) -> tuple[str, str]:
    """Return repository and digest of an image of the course."""
    name, _, digest = course(lab)["images"][role].partition("@")
    return name.rpartition(":")[0], digest


# conda


# conda-lock carries an old conda with it, which warns when it is imported.
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning:conda_lock")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:conda_lock")
def test_the_lock_is_conda_locks_own_and_names_what_is_served(
    lab: LabFiles, server: LabServer
) -> None:
    from conda_lock.lockfile import (  # type: ignore[import-untyped]  # it ships no types
        parse_conda_lock_file,
    )

    lock = parse_conda_lock_file(lab.course_path.parent / "conda-lock.yml")
    assert {package.platform for package in lock.package} == {"linux-64"}
    for package in lock.package:
        served = requests.get(package.url.replace("https://", f"{server.url}/"), timeout=30)
        assert hashlib.sha256(served.content).hexdigest() == package.hash.sha256
        assert hashlib.md5(served.content).hexdigest() == package.hash.md5


async def install(url: str, specs: list[str], prefix: Path) -> None:
    records = await rattler.solve(
        [rattler.Channel(f"{url}/{CHANNEL}")],
        list(specs),
        platforms=["linux-64", "noarch"],
        virtual_packages=[found.into_generic() for found in rattler.VirtualPackage.detect()],
    )
    await rattler.install(
        records, prefix, cache_dir=prefix.parent / "packages", show_progress=False
    )


def test_the_interpreter_is_complete_and_owes_nothing_to_this_machine(
    server: LabServer, tmp_path: Path
) -> None:
    prefix = tmp_path / "a" / "prefix"
    asyncio.run(install(server.url, ["python", "pip"], prefix))
    python, clean = prefix / "bin" / "python", {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    ask = (
        f"import {MODULES}, sys\n"
        "libraries = {line.split()[-1] for line in open('/proc/self/maps') if '.so' in line}\n"
        "print(sys.prefix, *sorted(libraries))"
    )
    own, *loaded = run([python, "-c", ask], env=clean).decode().split()
    assert own == str(prefix)
    outside = [name for name in loaded if not name.startswith(str(prefix))]
    assert all(Path(name).name.split(".so")[0] in {"libc", "libm", "ld-linux-x86-64"}
               for name in outside), outside  # fmt: skip
    assert str(prefix).encode() in run([python, "-m", "pip", "--version"], env=clean)
    assert str(prefix).encode() in run([prefix / "bin" / "pip", "--version"], env=clean)
    run([python, "-m", "venv", "--without-pip", tmp_path / "venv"], env=clean)
    left = [file for file in (prefix / "lib").rglob("*.py") if PLACEHOLDER in file.read_text()]
    assert left == []


# binaries


def test_the_compose_binary_is_the_pinned_one(
    lab: LabFiles, server: LabServer, tmp_path: Path
) -> None:
    (binary,) = course(lab)["binaries"]
    url = binary["url"].format(version=binary["version"], arch="x86_64")
    served = requests.get(url.replace("https://", f"{server.url}/"), timeout=60).content
    assert hashlib.sha256(served).hexdigest() == binary["sha256"]["x86_64"]
    program = tmp_path / "docker-compose"
    program.write_bytes(served)
    program.chmod(0o755)
    assert run([program, "version", "--short"]).decode().strip() == binary["version"]


# images


def test_an_image_leads_from_its_digest_to_its_layers(lab: LabFiles, server: LabServer) -> None:
    repository, digest = pinned_image(lab, "postgres")
    base = f"{server.url}/v2/{repository}"
    index = requests.get(f"{base}/manifests/{digest}", headers=accepting("index"), timeout=30)
    assert "sha256:" + hashlib.sha256(index.content).hexdigest() == digest
    (entry,) = index.json()["manifests"]
    manifest = requests.get(
        f"{base}/manifests/{entry['digest']}", headers=accepting("manifest"), timeout=30
    ).json()
    for layer in manifest["layers"]:
        head = requests.head(f"{base}/blobs/{layer['digest']}", timeout=30)
        assert head.headers["Content-Length"] == str(layer["size"])


def accepting(kind: str) -> dict[str, str]:
    return {"Accept": f"application/vnd.oci.image.{kind}.v1+json"}


def test_a_push_answers_at_the_front_and_is_gone_afterwards(lab: LabFiles) -> None:
    made = Image((Layer.of_entries((Entry("a", data=b"x"),), "test"),))
    listing = "v2/made/here/tags/list"
    with serve(lab) as server:
        push(made, server.url, "made/here", "1")
        assert requests.get(f"{server.url}/{listing}", timeout=5).json()["tags"] == ["1"]
    with serve(lab) as server:
        assert requests.get(f"{server.url}/{listing}", timeout=5).status_code == 404


def test_faults_meet_images_too(lab: LabFiles, server: LabServer) -> None:
    repository, digest = pinned_image(lab, "base")
    url = f"{server.url}/v2/{repository}/manifests/{digest}"
    server.faults.add("/v2/*/manifests/*", Status(503))
    server.faults.add("/v2/*/manifests/*", Cut(after=10))
    assert requests.get(url, headers=accepting("index"), timeout=5).status_code == 503
    with pytest.raises(requests.RequestException):
        requests.get(url, headers=accepting("index"), timeout=5)
    assert requests.get(url, headers=accepting("index"), timeout=5).status_code == 200


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with private_engine(tmp_path_factory.mktemp("engine")) as running:
        yield running


def logs(docker: list[str], name: str) -> str:
    words = [*docker, "logs", name]
    return subprocess.run(words, capture_output=True, text=True, check=True).stderr


@contextmanager
def database(engine: Engine, image: str, *options: str) -> Iterator[list[str]]:
    """Run the image as its users do, wait until it answers, and yield the command to run in it."""
    docker = ["docker", "--host", engine.docker_host]
    name = run([*docker, "run", "--detach", *options, image]).decode().strip()
    inside = [*docker, "exec", name]
    try:
        until = time.monotonic() + 60
        while subprocess.run(
            [*inside, "pg_isready", "--quiet", "--host=127.0.0.1", "--username=x"],
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode:
            state = run([*docker, "inspect", "--format", "{{.State.Running}}", name])
            if state.strip() != b"true" or time.monotonic() > until:
                pytest.fail(f"it did not start:\n{logs(docker, name)}")
            time.sleep(0.25)
        yield inside
    finally:
        run([*docker, "rm", "--force", "--volumes", name])


@pytest.mark.engine
def test_an_engine_pulls_and_runs_the_images(
    lab: LabFiles, server: LabServer, engine: Engine, tmp_path: Path
) -> None:
    docker = ["docker", "--host", engine.docker_host]
    names = {}
    for role in ("base", "postgres"):
        repository, digest = pinned_image(lab, role)
        names[role] = f"127.0.0.1:{server.port}/{repository}@{digest}"
        run([*docker, "pull", "--quiet", names[role]])
    release = run([*docker, "run", "--rm", names["base"], "cat", "/etc/os-release"])
    assert b"bookworm" in release
    (tmp_path / "10.sh").write_text(
        'psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "CREATE DATABASE more"'
    )
    (tmp_path / "20.sql").write_text("CREATE TABLE t AS SELECT 42 AS x;")
    (tmp_path / "password").write_text("secret")
    options = [
        "--env=POSTGRES_USER=me",
        "--env=POSTGRES_DB=mine",
        "--env=POSTGRES_PASSWORD_FILE=/password",
        f"--volume={tmp_path}/password:/password:ro",
        f"--volume={tmp_path}/10.sh:/docker-entrypoint-initdb.d/10.sh:ro",
        f"--volume={tmp_path}/20.sql:/docker-entrypoint-initdb.d/20.sql:ro",
    ]
    with database(engine, names["postgres"], *options) as inside:
        psql = [*inside, "psql", "--username=me", "--tuples-only", "--no-align"]
        assert run([*psql, "--dbname=mine", "--command=SELECT x FROM t"]).strip() == b"42"
        assert run([*psql, "--dbname=more", "--command=SELECT 1"]).strip() == b"1"
        assert b"Uid:\t70" in run([*inside, "cat", "/proc/1/status"])
    trusted = "--env=POSTGRES_HOST_AUTH_METHOD=trust"
    # As with the original, another user needs a folder that it can make its own.
    other = ("--user=1234:1234", "--env=PGDATA=/var/lib/postgresql/data/own")
    with database(engine, names["postgres"], *other, trusted) as inside:
        query = ["psql", "--username=postgres", "--command=SELECT 1"]
        run([*inside, *query])


# the command


def test_a_rebuild_costs_nothing(lab: LabFiles) -> None:
    start = time.monotonic()
    printed = run([sys.executable, "-m", "tests.lab", "build"], cwd=ROOT).decode().strip()
    assert printed == str(lab.course_path)
    assert time.monotonic() - start < 3  # 0.4 s on a quiet machine


def start_serving(ready: Path) -> tuple[subprocess.Popen[bytes], dict[str, str]]:
    words = [sys.executable, "-m", "tests.lab", "serve", "--ready-file", str(ready)]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
    for _ in range(600):
        if ready.exists():
            told: dict[str, str] = json.loads(ready.read_text())
            return process, told
        assert process.poll() is None
        time.sleep(0.05)
    process.kill()
    raise AssertionError("the lab did not get ready")


def children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]


def gone(pid: int) -> bool:
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_served_lab_ends_with_its_registry(
    lab: LabFiles, tmp_path: Path, number: signal.Signals
) -> None:
    process, told = start_serving(tmp_path / "ready")
    with process:
        assert told["course"] == str(lab.course_path)
        assert requests.get(f"{told['url']}/v2/", timeout=5).status_code == 200
        (registry,) = children(process.pid)
        os.kill(process.pid, number)
        assert process.wait(10) == (0 if number != signal.SIGKILL else -signal.SIGKILL)
    for _ in range(100):
        if gone(registry):
            break
        time.sleep(0.05)
    assert gone(registry)


def test_what_is_served_is_pinned(lab: LabFiles) -> None:
    assert set(images.load(lab.images)) == {
        pinned_image(lab, role)[0] for role in course(lab)["images"]
    }

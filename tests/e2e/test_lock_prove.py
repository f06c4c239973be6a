"""Both halves of `lock prove`: a lock that works is recorded, one that only resolves is refused."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from tests.e2e.machine import Machine
from tests.lab import LabFiles, LabServer
from tests.lab.cache import default_cache
from tests.lab.course import NAME

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1200)]

COURSES = ("mlops-zoomcamp", "mlops-current")
BROKEN_FASTAPI = """\
fastapi==0.155.0 \\
    --hash=sha256:4be61b531db8173c535a93d0464b10b34a8f9825be2cec946d23991c1b059e4e \\
    --hash=sha256:c5780556ff1b209cabbc63d045af56ea49cd79583d5bc078e4bf97a0df32fc2d
"""
"""Prefect 3.8.8 asks for fastapi >=0.139,<1, and its server crashes with this one."""


@pytest.fixture(scope="session")
def prover(lab_server: LabServer, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A home in which nothing was installed; wheels that were verified once are kept."""
    home = tmp_path_factory.mktemp("prover")
    cache = default_cache() / "uv"
    cache.mkdir(parents=True, exist_ok=True)
    (home / ".cache" / "mlops-bootstrap").mkdir(parents=True)
    (home / ".cache" / "mlops-bootstrap" / "uv").symlink_to(cache)
    foreign = ("MLFLOW", "PREFECT", "XDG_", "MLOPS_")
    kept = {n: v for n, v in os.environ.items() if not n.startswith(foreign)}
    run = str(home / "run")
    environ = {**kept, "HOME": str(home), "MLOPS_BOOTSTRAP_RUN_DIR": run, "PYTHONPATH": "/mine"}
    return Machine(home, environ, lab_server.url, lab_server.course_path, {})


@pytest.fixture(scope="session")
def course_folder(lab: LabFiles, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the lab's course that a test may write to."""
    folder = tmp_path_factory.mktemp("courses") / "course"
    shutil.copytree(lab.course_path.parent, folder)
    return folder


@dataclass(frozen=True)
class Proof:
    course: Path
    file: Path
    said: str
    record: dict[str, Any]


@pytest.fixture(scope="session", params=COURSES)
def proof(
    request: pytest.FixtureRequest,
    lab: LabFiles,
    prover: Machine,
    tmp_path_factory: pytest.TempPathFactory,
) -> Proof:
    """The proof of a shipped course, with the conda packages of the lab."""
    folder = tmp_path_factory.mktemp("courses") / "course"
    shutil.copytree(lab.course_of(request.param).parent, folder)
    said = prover.ok("lock", "prove", "--plain", *options(prover, folder))
    file = folder / "proof.json"
    return Proof(folder / NAME, file, said, json.loads(file.read_text()))


def options(prover: Machine, folder: Path) -> tuple[str, ...]:
    return ("--course", str(folder / NAME), "--source", prover.source)


def left_behind(prover: Machine) -> list[str]:
    """Processes that run from this home's prefix, and folders that a proof made."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        found = [str(p.cmdline()) for p in psutil.process_iter() if _is_ours(p, prover.home)]
        if not found:
            break
        time.sleep(0.2)
    folder = prover.home / ".local/share/mlops-bootstrap/proof"
    return [*found, *([str(folder)] if folder.exists() else [])]


def _is_ours(process: psutil.Process, home: Path) -> bool:
    try:
        return any(str(home / ".local") in word for word in process.cmdline())
    except psutil.Error:
        return False


def test_the_record_names_the_locks_and_all_that_was_proven(
    proof: Proof, prover: Machine, lab_server: LabServer
) -> None:
    assert f"record  {proof.file}" in proof.said
    record = proof.record
    course = yaml.safe_load(proof.course.read_text())
    for part in course["environment"].values():
        if isinstance(part, dict):
            lock = proof.course.parent / part["lock"]
            assert record["locks"][lock.name] == hashlib.sha256(lock.read_bytes()).hexdigest()
    assert record["conda"]["source"] == lab_server.url
    proven = {step["step"]: step for step in record["proven"]}
    assert list(proven) == [
        "install", "imports", "tables", "mlflow", "prefect", "worker", "tracking", "models",
        "orchestration", *(["lessons"] if "lessons" in course["environment"] else []),
    ]  # fmt: skip
    assert all(step["seconds"] > 0 for step in proven.values())
    assert proven["tables"]["tables"].keys() == course["data"].keys()
    assert proven["tables"]["engines"].keys() == {"pyarrow", "fastparquet"}
    assert proven["models"]["models"].keys() == {"sklearn", "xgboost"}


def test_every_package_was_imported(proof: Proof) -> None:
    (imports,) = [step for step in proof.record["proven"] if step["step"] == "imports"]
    assert imports["distributions"] >= proof.record["proven"][0]["wheels"]
    assert imports["modules"] > 200
    assert {"mlflow", "prefect", "pandas"} <= proof.record["packages"].keys()


def test_nothing_is_left_of_a_proof(proof: Proof, prover: Machine) -> None:
    assert left_behind(prover) == []
    assert not (prover.home / ".local/share/mlops-bootstrap/envs").exists()


def test_a_lock_that_only_resolves_is_refused(prover: Machine, course_folder: Path) -> None:
    course = course_folder / NAME
    lock = course_folder / "requirements.txt"
    edited, count = re.subn(
        r"^fastapi==.*\n(?: .*\n)*", BROKEN_FASTAPI, lock.read_text(), flags=re.MULTILINE
    )
    assert count == 1
    pinned, digest = (
        hashlib.sha256(text.encode()).hexdigest() for text in (lock.read_text(), edited)
    )
    assert pinned in course.read_text()
    course.write_text(course.read_text().replace(pinned, digest))
    lock.write_text(edited)
    older = course_folder / "proof.json"
    older.write_text('{"date": "2026-01-01T00:00:00+00:00"}')
    done = prover.run("lock", "prove", "--plain", *options(prover, course_folder))
    assert done.returncode == 1
    assert "E-PROOF-SERVER" in done.stderr
    assert "Prefect ended with code" in done.stderr
    log = done.stderr.rpartition("\n  log ")[2]
    assert "TypeError: Body() got an unexpected keyword argument" in log
    assert "no record was written" in done.stderr
    assert "2026-01-01T00:00:00+00:00" in done.stderr
    assert older.read_text() == '{"date": "2026-01-01T00:00:00+00:00"}'
    assert left_behind(prover) == []


@pytest.fixture
def proving(prover: Machine, lab: LabFiles, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    folder = tmp_path / "course"
    shutil.copytree(lab.course_path.parent, folder)
    argv = prover.argv("lock", "prove", "--json", *options(prover, folder))
    with subprocess.Popen(
        argv, env=dict(prover.environ), stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL
    ) as tool:
        try:
            yield tool
        finally:
            tool.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_runs_on_when_it_is_ended(
    proving: subprocess.Popen[str], prover: Machine, number: signal.Signals
) -> None:
    assert proving.stdout is not None
    for line in proving.stdout:
        event = json.loads(line)
        if (event["event"], event.get("step")) == ("step-started", "imports"):
            break
    time.sleep(2)  # the interpreters of the environment are at work
    proving.send_signal(number)
    proving.communicate(timeout=60)
    folder = prover.home / ".local/share/mlops-bootstrap/proof"
    if number == signal.SIGKILL:
        assert left_behind(prover) == [str(folder)]  # the next proof removes it
    else:
        assert proving.returncode == 143
        assert left_behind(prover) == []

"""The support bundle of a machine that runs: all of it is there, and nothing private."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import re
import socket
import stat
import tarfile
from pathlib import Path

import pytest

from bootstrap.support.parts import LOG_LINES, PARTS
from tests.e2e.machine import Machine

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

PROXY_PASSWORD, TOKEN = "pr0xy-pass", "tr4cking-token"
PRIVATE = {
    "HTTPS_PROXY": f"http://proxyuser:{PROXY_PASSWORD}@203.0.113.9:3128",
    "MLFLOW_TRACKING_TOKEN": TOKEN,
}

DOTTED = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")


def members(file: Path) -> dict[str, str]:
    with tarfile.open(file) as tar:
        read = {m.name.partition("/")[2]: tar.extractfile(m) for m in tar.getmembers()}
        return {name: content.read().decode() for name, content in read.items() if content}


def passwords(machine: Machine) -> set[str]:
    """Every value in the secrets folder: with the native runtime there are none."""
    files = (machine.home / ".config" / "mlops-bootstrap" / "secrets").rglob("*.env")
    return {line.partition("=")[2] for file in files for line in file.read_text().splitlines()}


def is_foreign(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not (parsed.is_loopback or parsed.is_unspecified)


def test_the_bundle_of_a_machine_that_runs(served: Machine, tmp_path: Path) -> None:
    file = tmp_path / "bundle.tar.gz"
    machine = dataclasses.replace(served, environ={**served.environ, **PRIVATE})
    secrets = passwords(machine)
    assert len(secrets) == (3 if served.runtime == "docker" else 0)
    machine.ok("diagnose", "--yes", "--output", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    found = members(file)
    assert list(found) == ["contents.json", *(part.name for part in PARTS)]
    listed = json.loads(found["contents.json"])["files"]
    assert {one["name"]: one["code"] for one in listed if one["code"]} == {}

    unwanted = {*secrets, PROXY_PASSWORD, "proxyuser", TOKEN, str(served.home)}
    unwanted.add(str(served.home.resolve()))
    host = re.compile(rf"(?<![\w-]){re.escape(socket.gethostname())}(?![\w-])", re.IGNORECASE)
    for name, text in found.items():
        assert not [word for word in unwanted if word in text], name
        assert not host.search(text), name
        assert not [a for a in DOTTED.findall(text) if is_foreign(a)], name

    status, versions = json.loads(found["status.json"]), json.loads(found["versions.json"])
    assert status["runtime"] == served.runtime
    assert status["healthy"]
    assert versions["environment"]["drift"] == []
    assert versions["environment"]["wheels"]["found"] > 200
    assert json.loads(found["plan.json"])["kind"] == "plan"
    assert json.loads(found["verify.json"])["counts"]["passed"] > 0
    events = [json.loads(line)["event"] for line in found["journal.jsonl"].splitlines()]
    assert {"run-started", "run-finished"} <= set(events)
    assert "# >>> mlops-bootstrap >>>" in found["shell.txt"]
    for service in ("mlflow", "prefect", "worker"):
        assert 0 < len(found[f"logs/{service}.log"].splitlines()) <= LOG_LINES


@pytest.mark.engine
def test_without_its_engine_the_bundle_says_so_and_has_the_rest(
    machine: Machine, tmp_path: Path
) -> None:
    file = tmp_path / "bundle.tar.gz"
    away = {"DOCKER_HOST": f"unix://{tmp_path}/no.sock"}
    broken = dataclasses.replace(machine, environ={**machine.environ, **away})
    said = broken.ok("diagnose", "--yes", "--output", str(file))
    found = members(file)
    listed = {one["name"]: one["code"] for one in json.loads(found["contents.json"])["files"]}
    logs = {name for name in listed if name.startswith("logs/")}
    assert {name for name, code in listed.items() if code} == logs
    assert "logs/worker.log: E-COMMAND-FAILED" in said
    assert json.loads(found["engine.json"])["reach"] == "no socket"
    assert not json.loads(found["status.json"])["healthy"]
    assert json.loads(found["versions.json"])["environment"]["drift"] == []

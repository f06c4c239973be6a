"""The main job, from nothing to proven services, in the order in which a student meets it."""

from __future__ import annotations

import re
import signal
import subprocess
import time

import pytest
import yaml

from tests.e2e.machine import Machine
from tests.lab.engine import Engine

pytestmark = [pytest.mark.lab, pytest.mark.engine, pytest.mark.timeout(1800)]


def test_compose_is_on_path_in_both_spellings(machine: Machine) -> None:
    course = yaml.safe_load(machine.course.read_text())
    wanted = course["binaries"][0]["version"]
    said = machine.shell("docker-compose version; docker compose version").splitlines()
    assert len(said) == 2
    assert all(line.endswith(wanted) for line in said)


def test_the_repository_is_at_the_pin(machine: Machine) -> None:
    course = yaml.safe_load(machine.course.read_text())
    head = machine.shell("git -C ~/mlops-zoomcamp rev-parse HEAD").strip()
    assert head == course["repository"]["commit"]


def test_passwords_stay_where_they_belong(machine: Machine, engine: Engine) -> None:
    folder = machine.home / ".config/mlops-bootstrap/secrets/mlops-zoomcamp"
    assert folder.stat().st_mode & 0o777 == 0o700
    passwords = set()
    for file in folder.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
        passwords |= set(re.findall(r"=([0-9a-f]{48})$", file.read_text(), re.MULTILINE))
    assert len(passwords) == 3
    state = (machine.home / ".local/state/mlops-bootstrap/journal.jsonl").read_text()
    processes = subprocess.run(["ps", "axww"], capture_output=True, text=True, check=True).stdout
    logs = machine.ok("logs", "--tail", "all")
    client = engine.client()
    try:
        argv = str([c.attrs["Config"]["Cmd"] for c in client.containers.list()])
    finally:
        client.close()
    for place in (state, processes, logs, argv):
        assert not any(password in place for password in passwords)


def started(machine: Machine) -> subprocess.Popen[str]:
    """An `up` that has begun: its first line is out."""
    process = subprocess.Popen(
        machine.argv("up", "--plain"),
        env=dict(machine.environ),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stderr is not None
    process.stderr.readline()
    return process


def test_a_second_run_at_once_is_told_who_holds_the_lock(machine: Machine, engine: Engine) -> None:
    machine.ok("down")
    client = engine.client()
    try:
        label = {"label": "com.docker.compose.project=mlops-zoomcamp"}
        assert client.containers.list(all=True, filters=label) == []
    finally:
        client.close()
    with started(machine) as first:
        second = machine.run("up")
        assert second.returncode == 4
        assert f"process {first.pid}" in second.stderr
        first.send_signal(signal.SIGINT)
        first.communicate()
    assert first.returncode == 130
    with started(machine) as killed:
        time.sleep(1)
        killed.kill()
        killed.communicate()
    machine.ok("up", "--plain")
    assert "Nothing to do" in machine.ok("up")

"""The main job, from nothing to proven services, in the order in which a student meets it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from tests.e2e.machine import Machine
from tests.lab.engine import Engine

pytestmark = [pytest.mark.lab, pytest.mark.engine, pytest.mark.timeout(1800)]

RUN = """
import mlflow
with mlflow.start_run() as run:
    mlflow.log_metric("kept", 7)
    mlflow.log_text("kept too", "note.txt")
print(run.info.run_id)
"""
READ = """
import sys, mlflow
run = mlflow.get_run(sys.argv[1])
print(run.data.metrics["kept"], mlflow.artifacts.load_text(run.info.artifact_uri + "/note.txt"))
"""


def journal(machine: Machine) -> list[dict[str, object]]:
    path = machine.home / ".local/state/mlops-bootstrap/journal.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_second_up_finds_nothing_to_do(machine: Machine) -> None:
    before = len(journal(machine))
    assert "Nothing to do" in machine.ok("up")
    assert machine.json("plan")["changes"] == []
    assert machine.run("plan", "--check").returncode == 0
    assert len(journal(machine)) == before


def test_status_says_healthy_for_every_service(machine: Machine) -> None:
    status = machine.json("status")
    assert {s["name"]: s["healthy"] for s in status["services"]} == dict.fromkeys(
        ("postgres", "mlflow", "prefect", "worker"), True
    )


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


def test_commands_run_in_the_environment(machine: Machine) -> None:
    code = (
        "import mlflow, prefect, pyarrow, sys, os; print(sys.prefix, os.environ['PREFECT_API_URL'])"
    )
    prefix, api = machine.ok("run", "--", "python", "-c", code).split()
    assert prefix == machine.json("status")["environment"]["prefix"]
    assert api == machine.url("prefect") + "/api"
    assert machine.run("run", "--", "python", "-c", "raise SystemExit(7)").returncode == 7


def test_activation_and_the_sub_shell_lead_into_the_environment(machine: Machine) -> None:
    prefix = machine.home / ".local/share/mlops-bootstrap/envs/current"
    activate = machine.home / ".local/share/mlops-bootstrap/shell/activate.sh"
    said = machine.shell(f". {activate}; which python; echo $MLFLOW_TRACKING_URI").split()
    assert said == [str(prefix / "bin/python"), machine.url("mlflow")]
    done = subprocess.run(
        machine.argv("shell"),
        env={**machine.environ, "SHELL": "/bin/bash"},
        input="python -c 'import sys; print(sys.prefix)'\nexit 3\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 3
    assert Path(done.stdout.strip()).resolve() == prefix.resolve()


def test_logs_show_one_service(machine: Machine) -> None:
    assert "mlflow" in machine.ok("logs", "mlflow", "--tail", "50")
    refused = machine.run("logs", "mlfow")
    assert refused.returncode == 2
    assert "E-NO-SERVICE" in refused.stderr


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


def test_down_keeps_the_data_and_up_brings_a_run_back(machine: Machine, engine: Engine) -> None:
    run = machine.ok("run", "--", "python", "-W", "ignore", "-c", RUN).split()[-1]
    machine.ok("down")
    client = engine.client()
    try:
        label = {"label": "com.docker.compose.project=mlops-zoomcamp"}
        assert client.containers.list(all=True, filters=label) == []
    finally:
        client.close()
    assert machine.run("status").returncode == 1
    assert machine.run("plan", "--check").returncode == 5
    machine.ok("up", "--plain")
    assert machine.ok("run", "--", "python", "-c", READ, run).split(maxsplit=1)[0] == "7.0"


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


def test_a_second_run_at_once_is_told_who_holds_the_lock(machine: Machine) -> None:
    machine.ok("down")
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

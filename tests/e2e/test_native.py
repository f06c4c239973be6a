"""Services as processes, and what happens to processes: killed, locked out, interrupted."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from bootstrap.host import web
from bootstrap.host.supervisor import Process, SupervisorView
from tests.e2e.machine import Machine

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

PATIENCE = 120.0
"""Seconds for what has to come by itself."""

TRACK = """
import mlflow
mlflow.set_experiment("lesson-2")
with mlflow.start_run():
    mlflow.log_metric("rmse", 6.5)
"""


def processes(machine: Machine) -> dict[str, Process]:
    there = SupervisorView(machine.native / "supervisor.sock").processes()
    return {process.name: process for process in there or ()}


def supervisor(machine: Machine) -> psutil.Process:
    return psutil.Process(int((machine.native / "supervisor.pid").read_text()))


def comes(what: Callable[[], bool]) -> bool:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if what():
            return True
        time.sleep(0.5)
    return False


def healthy(machine: Machine) -> bool:
    return machine.run("status").returncode == 0


def gone(all_of_them: list[psutil.Process]) -> bool:
    alive = [p for p in all_of_them if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    return not alive


def test_what_is_written_is_for_its_owner_only(native_machine: Machine) -> None:
    place = native_machine.native
    assert place.stat().st_mode & 0o777 == 0o700
    assert (place / "supervisor.sock").stat().st_mode & 0o777 == 0o600


def test_nothing_listens_beyond_loopback(native_machine: Machine) -> None:
    family = supervisor(native_machine).children(recursive=True)
    listeners = [c for p in family for c in p.net_connections("inet") if c.status == "LISTEN"]
    assert {c.laddr.ip for c in listeners} == {"127.0.0.1"}
    assert {c.laddr.port for c in listeners} >= set(native_machine.ports.values())


def test_each_service_is_one_process(native_machine: Machine) -> None:
    """Any more would cost memory, and could stay when the one that the supervisor knows is gone."""
    own = {process.pid for process in processes(native_machine).values()}
    family = supervisor(native_machine)
    assert comes(lambda: {process.pid for process in family.children(recursive=True)} == own)


def test_a_killed_service_comes_back_and_no_run_is_lost(native_machine: Machine) -> None:
    native_machine.ok("run", "--", "python", "-W", "ignore", "-c", TRACK)
    before = processes(native_machine)["mlflow"]
    psutil.Process(before.pid).kill()
    assert comes(lambda: processes(native_machine)["mlflow"].pid not in {0, before.pid})
    assert comes(lambda: healthy(native_machine))
    read = "import mlflow; print(list(mlflow.search_runs(experiment_names=['lesson-2'])"
    said = native_machine.ok("run", "--", "python", "-c", f"{read}['metrics.rmse']))")
    assert json.loads(said) == [6.5]


SLOW = """
import time
from prefect import flow

@flow(log_prints=True)
def slow(seconds: int):
    for second in range(seconds):
        print(second)
        time.sleep(1)
"""
DEPLOY = """
import sys
from prefect import flow
from prefect.deployments import run_deployment
deploy = flow.from_source(source=sys.argv[1], entrypoint="slow.py:slow").deploy
deploy(name="lesson-3", work_pool_name="default", print_next_steps=False)
for seconds in sys.argv[2:]:
    run = run_deployment("slow/lesson-3", parameters={"seconds": int(seconds)}, timeout=0)
    print(run.id)
"""
A_LONG_TIME, A_SHORT_TIME = "600", "1"


def flow_run(machine: Machine, run: str) -> str:
    path = f"/api/flow_runs/{run}"
    return str(web.ask_json(machine.url("prefect"), "GET", path, timeout=30)["state_type"])


def test_of_a_killed_worker_what_waits_is_run_and_what_ran_is_known_to_have_crashed(
    native_machine: Machine, tmp_path: Path
) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    deploy = ("run", "--", "python", "-c", DEPLOY, str(tmp_path))
    under_way = native_machine.ok(*deploy, A_LONG_TIME).split()[-1]
    assert comes(lambda: flow_run(native_machine, under_way) == "RUNNING")
    before = processes(native_machine)["worker"].pid
    psutil.Process(before).kill()
    waiting = native_machine.ok(*deploy, A_SHORT_TIME).split()[-1]
    assert comes(lambda: processes(native_machine)["worker"].pid not in {0, before})
    assert comes(lambda: flow_run(native_machine, under_way) == "CRASHED")
    assert comes(lambda: flow_run(native_machine, waiting) == "COMPLETED")


def test_a_killed_supervisor_leaves_nothing_and_up_repairs(native_machine: Machine) -> None:
    """Its socket and pid file stay, as after a reboot."""
    family = supervisor(native_machine).children(recursive=True)
    supervisor(native_machine).kill()
    assert comes(lambda: gone(family))
    assert (native_machine.native / "supervisor.sock").exists()
    assert native_machine.run("status").returncode == 1
    native_machine.ok("up", "--plain")
    assert "Nothing to do" in native_machine.ok("up")


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as unbuffered:
        while True:
            unbuffered.write(bytes(4096))


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """The disk of this folder has no byte left."""
    filler = folder / "filler"
    try:
        with pytest.raises(OSError, match="No space left"):
            fill(filler)
        yield
    finally:
        filler.unlink()


def test_a_full_disk_loses_nothing_that_was_tracked(native_machine: Machine) -> None:
    native_machine.ok("run", "--", "python", "-W", "ignore", "-c", TRACK)
    before = processes(native_machine)["mlflow"]
    create = f"{native_machine.url('mlflow')}/api/2.0/mlflow/experiments/create"
    with filled(native_machine.native):
        refused = requests.post(create, json={"name": "lesson-4"}, timeout=60)
    assert (refused.status_code, "database or disk is full" in refused.text) == (503, True)
    native_machine.ok("run", "--", "python", "-W", "ignore", "-c", TRACK)
    assert processes(native_machine)["mlflow"].pid == before.pid


def test_down_ends_what_is_under_way_and_up_says_what_is_in_its_way(
    native_machine: Machine, tmp_path: Path
) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    argv = ("run", "--", "python", "-c", DEPLOY, str(tmp_path), A_LONG_TIME)
    under_way = native_machine.ok(*argv).split()[-1]
    assert comes(lambda: flow_run(native_machine, under_way) == "RUNNING")
    family = supervisor(native_machine).children(recursive=True)
    native_machine.ok("down")
    assert gone(family)

    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", native_machine.ports["mlflow"]))
        other.listen()
        taken = native_machine.run("up", "--plain")
    assert (taken.returncode, "E-PORT-TAKEN" in taken.stderr) == (3, True)

    database = sqlite3.connect(native_machine.native / "data" / "mlflow.db", isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    locked = native_machine.run("up", "--plain")
    database.close()
    assert (locked.returncode, "E-DATABASE-LOCKED" in locked.stderr) == (1, True)

    shutil.rmtree(native_machine.native / "tmp")  # `up` does this first, and would have room
    with filled(native_machine.native):
        full = native_machine.run("up", "--plain")
    assert (full.returncode, "E-DISK-FULL" in full.stderr) == (1, True), full.stderr

    native_machine.ok("up", "--plain")
    assert flow_run(native_machine, under_way) == "CRASHED"

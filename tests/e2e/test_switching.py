"""From one runtime to the other and back: nothing is lost, and each keeps its own data."""

from __future__ import annotations

import pytest

from tests.e2e.machine import Machine

pytestmark = [pytest.mark.lab, pytest.mark.engine, pytest.mark.timeout(1800)]

TRACK = """
import mlflow
mlflow.set_experiment("before-the-switch")
"""
NAMES = "import mlflow; print([e.name for e in mlflow.search_experiments()])"


def experiments(machine: Machine) -> str:
    return machine.ok("run", "--", "python", "-W", "ignore", "-c", NAMES)


def test_to_processes_and_back(machine: Machine) -> None:
    machine.ok("up", "--plain")
    machine.ok("run", "--", "python", "-W", "ignore", "-c", TRACK)

    plan = machine.json("plan", "--runtime", "native")
    (stopping,) = [c for c in plan["changes"] if c["step"] == "other-runtime"]
    assert "mlops-zoomcamp_postgres" in stopping["wanted"]

    machine.ok("up", "--plain", "--runtime", "native")
    status = machine.json("status")
    assert (status["runtime"], status["healthy"]) == ("native", True)
    assert status["elsewhere"]["running"] == []
    assert "mlops-zoomcamp_artifacts" in status["elsewhere"]["data"]
    assert "before-the-switch" not in experiments(machine)

    machine.ok("up", "--plain", "--runtime", "docker")
    status = machine.json("status")
    assert (status["runtime"], status["healthy"]) == ("docker", True)
    assert status["elsewhere"]["runtime"] == "native"
    assert "before-the-switch" in experiments(machine)

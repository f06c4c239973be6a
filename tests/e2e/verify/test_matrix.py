"""The matrix: all checks pass on a whole machine, and every fault turns just the right ones red.

For the faults that are named here all areas are looked at, for the others those that they touch.
"""

from __future__ import annotations

import pytest

from tests.e2e.machine import Machine
from tests.e2e.verify import (
    deployment_faults,
    environment_faults,
    home_faults,
    service_faults,
    tool_faults,
)
from tests.e2e.verify.fault import OF_THE_KERNEL, Fault, Verified, prove, verify

pytestmark = [pytest.mark.lab, pytest.mark.engine, pytest.mark.timeout(900)]

EVERYWHERE = {
    "the engine is gone", "no docker command", "no git", "Compose v1 comes first",
    "the plugin is deleted", "docker-compose of another version", "~/.bashrc ends the shell",
    "the disk is too small", "a port is open to all", "others may read a password",
    "a default password", "others may read an ssh key", "a token in our lines",
    "the clone was moved", "the course went on to another commit", "numpy of another version",
    "an install that was cut off", "a deleted file", "numpy's compiled part damaged",
    "a folder mlflow on PYTHONPATH", "an alias for another Python", "a kernel of another Python",
    "MLflow stands still", "MLFLOW_TRACKING_URI leads elsewhere in this shell",
    "the volume with the artifacts was emptied", "MLflow may not write artifacts",
    "Prefect stands still",
    "the worker stands still", "PREFECT_API_URL leads to the cloud in this shell",
    "the course image was removed",
}  # fmt: skip

FAULTS = tuple(
    fault
    for table in (tool_faults, home_faults, environment_faults, service_faults, deployment_faults)
    for fault in table.FAULTS
    if "docker" in fault.runtimes
)


@pytest.fixture(scope="module")
def whole(machine: Machine) -> Verified:
    return verify(machine)


def test_all_is_well(whole: Verified) -> None:
    assert whole.exit == 0
    skipped = {
        "tools.docker-group", "pipelines.local", "repository.upstream", "security.listeners",
        "security.ssh", "security.aws",
    }  # fmt: skip
    wanted = {code: "skipped" if code in skipped else "passed" for code in whole.checks}
    assert whole.without(OF_THE_KERNEL).outcomes == {
        code: outcome for code, outcome in wanted.items() if code != OF_THE_KERNEL
    }


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.name) for fault in FAULTS])
def test_one_fault(fault: Fault, machine: Machine, whole: Verified) -> None:
    prove(fault, machine, whole, *(() if fault.name in EVERYWHERE else fault.areas))


def test_many_faults_are_looked_at_everywhere() -> None:
    names = [fault.name for fault in FAULTS]
    assert len(names) == len(set(names))
    assert set(names) >= EVERYWHERE
    assert len(EVERYWHERE) >= 25

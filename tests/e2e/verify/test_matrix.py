"""The matrix: all checks pass on a whole machine, and every fault turns just the right ones red."""

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
from tests.e2e.verify.fault import Fault, Verified, prove, verify

pytestmark = [pytest.mark.lab, pytest.mark.engine, pytest.mark.timeout(600)]

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
    assert whole.exit == 0, {c: o for c, o in whole.outcomes.items() if o == "failed"}
    assert set(whole.outcomes.values()) <= {"passed", "skipped", "warning"}


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.name) for fault in FAULTS])
def test_one_fault(fault: Fault, machine: Machine, whole: Verified) -> None:
    prove(fault, machine, whole)


def test_there_are_many() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 25

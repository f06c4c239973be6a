"""Tracking, orchestration and deployment on whole machines: all well, then one fault at a time."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import docker
import pytest
import requests

from bootstrap.checks import own_names
from bootstrap.verify.areas.deployment import LABEL
from tests.e2e.machine import Machine
from tests.e2e.verify import deployment_faults, service_faults
from tests.e2e.verify.deployment_faults import engine_of
from tests.e2e.verify.fault import Fault, Verified, prove, verify
from tests.e2e.verify.service_faults import until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

AREAS = ("tracking", "orchestration", "deployment")
FAULTS = [
    pytest.param(fault, id=fault.name)
    for fault in (*service_faults.FAULTS, *deployment_faults.FAULTS)
    if "native" in fault.runtimes
]


def only(areas: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for area in areas for word in ("--only", area))


def mine(found: Verified) -> dict[str, str]:
    """The outcomes of these areas, without those of what they need."""
    return {c: o for c, o in found.outcomes.items() if c.partition(".")[0] in AREAS}


@pytest.fixture(scope="module")
def natively_whole(native_machine: Machine) -> Verified:
    return verify(native_machine)


@pytest.mark.engine
def test_all_is_well(machine: Machine) -> None:
    found = verify(machine, *only(AREAS))
    assert found.exit == 0
    assert set(mine(found).values()) == {"passed"}, found.checks
    assert nothing_left(machine)


def test_all_is_well_natively(native_machine: Machine, natively_whole: Verified) -> None:
    assert natively_whole.exit == 0
    assert {c for c, o in mine(natively_whole).items() if o != "passed"} == {"deployment.image"}
    assert "image needs Docker" in natively_whole.checks["deployment.predictor"]["found"]
    assert nothing_left(native_machine)


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_natively(
    fault: Fault, native_machine: Machine, natively_whole: Verified
) -> None:
    prove(fault, native_machine, natively_whole, *fault.areas)


def nothing_left(machine: Machine) -> bool:
    """No experiment, model or flow in any list, and no container or image in the engine."""
    mlflow, prefect = f"{machine.url('mlflow')}/api/2.0/mlflow", f"{machine.url('prefect')}/api"
    where = {"max_results": 1000, "filter": f"name LIKE '{own_names.PREFIX}%'"}
    experiments = requests.post(f"{mlflow}/experiments/search", json=where, timeout=30).json()
    models = requests.get(f"{mlflow}/registered-models/search", params=where, timeout=30).json()
    asked = {"flows": {"name": {"like_": own_names.PREFIX}}}
    flows = requests.post(f"{prefect}/flows/filter", json=asked, timeout=30).json()
    runs = requests.post(f"{prefect}/flow_runs/filter", json=asked, timeout=30).json()
    there = [experiments.get("experiments"), models.get("registered_models"), flows, runs]
    if machine.runtime == "docker":
        with engine_of(machine) as client:
            there.append(client.containers.list(all=True, filters={"label": LABEL}))
            there.append(client.images.list(all=True, filters={"label": LABEL}))
    return not any(there)


@pytest.mark.parametrize("after", [0.5, 2.5])
def test_nothing_is_left_by_one_that_is_interrupted(
    served: Machine, after: float, tmp_path: Path
) -> None:
    with subprocess.Popen(
        served.argv("verify", *only(AREAS)),
        env={**served.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as running:
        until(lambda: any(tmp_path.iterdir()))  # its scratch folder: the checks begin
        time.sleep(after)
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=60)
    assert running.returncode == 130, said.decode()
    assert nothing_left(served)
    assert not any(tmp_path.iterdir())


@pytest.mark.engine
def test_the_remedy_for_a_server_that_stands_still(machine: Machine) -> None:
    still = service_faults.paused("mlflow")(machine)
    found = verify(still, "--only", "tracking").checks["tracking.server"]
    assert "mlflow is paused" in found["found"]
    assert found["remedy"].split(" || ")[0] == "mlops-bootstrap up"
    machine.ok("up", "--plain")
    assert verify(machine, "--only", "tracking").exit == 0


@pytest.mark.engine
def test_what_a_killed_one_left_is_removed(machine: Machine) -> None:
    """A container and an image of an hour ago; those of another that is at work stay."""
    now = time.time()
    old, new = (f"{when:.6f}" for when in (now - 3600, now))
    with engine_of(machine) as client:
        base = next(tag for i in client.images.list() for tag in i.tags if "base" in tag)
        made = [client.containers.create(base, "true", labels={LABEL: w}) for w in (old, new)]
        try:
            verify(machine, "--only", "deployment")
            left = client.containers.list(all=True, filters={"label": LABEL})
            assert [one.id for one in left] == [made[1].id]
        finally:
            for one in made:
                with_no_error(one)


def with_no_error(container: docker.models.containers.Container) -> None:
    try:
        container.remove()
    except docker.errors.NotFound:
        return

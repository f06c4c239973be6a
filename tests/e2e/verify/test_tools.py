"""Tools, security and repository on whole machines: all well, then one fault at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.machine import Machine
from tests.e2e.verify import home_faults, tool_faults
from tests.e2e.verify.fault import Fault, Verified, prove, verify

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

AREAS = ("--only", "tools", "--only", "security", "--only", "repository")
OF_THIS_MACHINE = ("tools.disk", "tools.memory", "tools.swap", "tools.out-of-memory")
"""What is of the machine that runs the tests, and may be worth a warning."""

FAULTS = (*tool_faults.FAULTS, *home_faults.FAULTS)


def faults_of(runtime: str) -> list[object]:
    return [pytest.param(f, id=f.name) for f in FAULTS if runtime in f.runtimes]


@pytest.fixture(scope="module")
def whole(machine: Machine) -> Verified:
    return verify(machine, *AREAS)


@pytest.fixture(scope="module")
def natively_whole(native_machine: Machine) -> Verified:
    return verify(native_machine, *AREAS)


@pytest.mark.engine
def test_all_is_well(machine: Machine, whole: Verified) -> None:
    assert whole.exit == 0
    skipped = {"tools.docker-group", "repository.upstream", "security.listeners",
               "security.ssh", "security.aws"}  # fmt: skip
    wanted = {code: "skipped" if code in skipped else "passed" for code in whole.checks}
    assert {**whole.outcomes, **dict.fromkeys(OF_THIS_MACHINE, "passed")} == wanted
    assert {whole.outcomes[code] for code in OF_THIS_MACHINE} <= {"passed", "warning"}


def test_all_is_well_natively(natively_whole: Verified) -> None:
    assert natively_whole.exit == 0
    about_docker = {c for c in natively_whole.checks if "compose" in c or "docker" in c}
    skipped = {code for code, o in natively_whole.outcomes.items() if o == "skipped"}
    assert skipped == {
        *about_docker, "tools.engine", "repository.upstream", "security.ports",
        "security.passwords", "security.ssh", "security.aws",
    }  # fmt: skip
    assert set(natively_whole.outcomes.values()) <= {"passed", "skipped", "warning"}


@pytest.mark.engine
@pytest.mark.parametrize("fault", faults_of("docker"))
def test_one_fault(fault: Fault, machine: Machine, whole: Verified) -> None:
    prove(fault, machine, whole, *AREAS)


@pytest.mark.parametrize("fault", faults_of("native"))
def test_one_fault_natively(
    fault: Fault, native_machine: Machine, natively_whole: Verified
) -> None:
    prove(fault, native_machine, natively_whole, *AREAS)


def test_nothing_in_the_clone_is_changed(served: Machine) -> None:
    clone = served.home / "mlops-zoomcamp"
    (clone / "README.md").touch()  # `git status` would write the index anew now

    def content() -> dict[Path, tuple[int, bytes]]:
        files = [path for path in clone.rglob("*") if path.is_file()]
        return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}

    before = content()
    assert verify(served, *AREAS).exit == 0
    assert content() == before
    assert len(before) > 10

"""Tools, security and repository natively: all well, then one fault at a time; see the matrix for
Docker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.machine import Machine
from tests.e2e.verify import home_faults, tool_faults
from tests.e2e.verify.fault import Fault, Verified, prove, verify

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

AREAS = ("--only", "tools", "--only", "security", "--only", "repository")
FAULTS = [
    pytest.param(fault, id=fault.name)
    for fault in (*tool_faults.FAULTS, *home_faults.FAULTS)
    if "native" in fault.runtimes
]


@pytest.fixture(scope="module")
def natively_whole(native_machine: Machine) -> Verified:
    return verify(native_machine, *AREAS)


def test_all_is_well_natively(natively_whole: Verified) -> None:
    assert natively_whole.exit == 0
    about_docker = {c for c in natively_whole.checks if "compose" in c or "docker" in c}
    skipped = {code for code, o in natively_whole.outcomes.items() if o == "skipped"}
    assert skipped == {
        *about_docker, "tools.engine", "repository.upstream", "security.ports",
        "security.passwords", "security.ssh", "security.aws",
    }  # fmt: skip
    assert set(natively_whole.outcomes.values()) <= {"passed", "skipped", "warning"}


@pytest.mark.parametrize("fault", FAULTS)
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

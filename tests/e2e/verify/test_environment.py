"""The environment and its tables on a whole machine: green, then one fault at a time; and what is
damaged is had anew by the command that `verify` gives."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.machine import Machine
from tests.e2e.verify.environment_faults import DEEP_FAULTS, in_site
from tests.e2e.verify.fault import Fault, Verified, prove, verify

pytestmark = [pytest.mark.lab, pytest.mark.engine, pytest.mark.timeout(1800)]

AREAS = ("--only", "environment", "--only", "data", "--only", "pipelines")
DEEP = ("--only", "environment", "--deep")
IMPORTS = ("--only", "environment", "--imports")


@pytest.fixture(scope="module")
def whole(machine: Machine) -> Verified:
    return verify(machine, *AREAS)


@pytest.fixture(scope="module")
def whole_in_depth(machine: Machine) -> Verified:
    return verify(machine, *DEEP)


def test_a_whole_machine_passes(whole: Verified) -> None:
    assert whole.exit == 0
    skipped = {code for code, outcome in whole.outcomes.items() if outcome == "skipped"}
    assert skipped == {"pipelines.local"}
    assert set(whole.outcomes.values()) == {"passed", "skipped"}, whole.checks
    assert "environment.files" not in whole.checks


def test_a_whole_machine_passes_in_depth(whole_in_depth: Verified) -> None:
    assert set(whole_in_depth.outcomes.values()) == {"passed"}, whole_in_depth.checks
    assert "environment.imports" not in whole_in_depth.checks


def test_every_module_is_imported(machine: Machine) -> None:
    found = verify(machine, *IMPORTS)
    assert set(found.outcomes.values()) == {"passed"}, found.checks
    assert "modules of 281 packages" in found.checks["environment.imports"]["found"]


@pytest.mark.parametrize("fault", DEEP_FAULTS, ids=lambda fault: fault.name)
def test_an_edited_file_is_named(machine: Machine, whole_in_depth: Verified, fault: Fault) -> None:
    prove(fault, machine, whole_in_depth, *DEEP)


@pytest.fixture
def own_cache(machine: Machine) -> Iterator[Path]:
    """A cache of wheels that may be damaged, not that of all tests: it holds six, and is where the
    environment has it from."""
    link = machine.home / ".cache" / "mlops-bootstrap" / "uv"
    shared, own = link.readlink(), machine.home / "own-cache"
    own.mkdir()
    link.unlink()
    link.symlink_to(own)
    shutil.rmtree(in_site(machine, "six-*.dist-info"))
    machine.ok("up", "--plain")
    yield own
    link.unlink()
    link.symlink_to(shared)
    shutil.rmtree(own)


def test_the_remedy_does_not_hand_the_damage_back(machine: Machine, own_cache: Path) -> None:
    """As an editor does it that saves in place: what is in the caches is the same file."""
    module, text = in_site(machine, "six.py"), b"# an edit in place\n"
    of_conda = next(machine.prefix.glob("lib/python3*/this.py"))
    as_they_were = {file: file.read_bytes() for file in (module, of_conda)}
    for file, content in as_they_were.items():
        with file.open("r+b") as opened:
            opened.write(text)
        assert file.read_bytes() == text + content[len(text) :]
        assert file.stat().st_nlink > 1
    assert next((own_cache / "archive-v0").glob("*/six.py")).read_bytes() == module.read_bytes()

    found = verify(machine, *DEEP).checks["environment.files"]
    assert "site-packages/six.py was changed" in found["found"]
    assert f"{of_conda.name} was changed" in found["found"]
    tool = f'mlops-bootstrap() {{ {sys.executable} -m bootstrap.cli.main "$@"; }}\n'
    subprocess.run(
        ["bash", "-e", "-c", tool + found["remedy"]],
        env=dict(machine.environ), check=True, capture_output=True, timeout=900,
    )  # fmt: skip
    assert {file: file.read_bytes() for file in as_they_were} == as_they_were
    after = verify(machine, "--only", "environment")
    assert after.exit == 0, after.checks

"""action.yml as a job uses it: on a cold runner, on one with the cache, and where something fails.

Services are processes and the course has fewer wheels: how they run is what other tests are about.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import junitparser
import pytest
import yaml

from bootstrap.course.load import load_course
from bootstrap.course.locks import environment_digest
from tests.e2e.composite import Outcome, Runner
from tests.e2e.conftest import OTHERS, free_port
from tests.e2e.fresh_student import ROOT
from tests.lab import LabFiles, LabServer
from tests.relocked import closure, relocked, requirements_of

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

INPUTS = {"course": "./course/lab-course.yml", "runtime": "native"}
NOWHERE = "http://127.0.0.1:9"
PACKAGES = ("*.conda", "*.tar.bz2")

MakeRunner = Callable[[str], Runner]


@pytest.fixture(scope="module")
def course(lab: LabFiles, tmp_path_factory: pytest.TempPathFactory) -> Path:
    lock = closure(requirements_of(lab.course_path), "mlflow", "prefect", "pip")
    return relocked(lab.course_path, tmp_path_factory.mktemp("action") / "course", lock)


@pytest.fixture(scope="module")
def make_runner(
    course: Path, lab_server: LabServer, tmp_path_factory: pytest.TempPathFactory
) -> MakeRunner:
    """Makes a fresh runner whose checkout has the course, beside others with the same caches."""
    folder = tmp_path_factory.mktemp("actions")
    action = folder / "action"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True, text=True)
    for name in filter(None, done.stdout.split("\0")):
        (action / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, action / name)
    inherited = {n: v for n, v in os.environ.items() if not n.startswith((*OTHERS, "XDG_"))}

    def make(name: str) -> Runner:
        own = {"MLOPS_BOOTSTRAP_SOURCE": lab_server.url, "MLOPS_BOOTSTRAP_RUN_DIR": str(folder)}
        runner = Runner(folder / name, action, folder / "caches", {**inherited, **own})
        shutil.copytree(course.parent, runner.workspace / "course")
        copy = runner.workspace / "course" / course.name
        text = yaml.safe_load(copy.read_text())
        for service in ("mlflow", "prefect"):
            text["services"][service]["port"] = free_port()
        copy.write_text(yaml.safe_dump(text, sort_keys=False))
        return runner

    return make


@contextmanager
def taken_down(runner: Runner) -> Iterator[Runner]:
    try:
        yield runner
    finally:
        done = runner.run("mlops-bootstrap down --volumes --yes")
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def cold(make_runner: MakeRunner) -> Iterator[tuple[Runner, Outcome]]:
    """A runner that has nothing, after the action."""
    with taken_down(make_runner("cold")) as runner:
        yield runner, runner.use(**INPUTS, only="environment tracking")


def test_a_cold_runner_is_brought_up_and_proven(cold: tuple[Runner, Outcome], course: Path) -> None:
    runner, outcome = cold
    assert not outcome.failed, outcome.log
    loaded = load_course(course)
    digest = environment_digest(loaded.conda_lock, loaded.requirements)
    assert outcome.outputs["lock-digest"] == digest
    prefix = Path(outcome.outputs["prefix"])
    assert prefix.is_relative_to(runner.home)
    assert digest.startswith(prefix.name.rpartition("-")[2])
    assert [entry.stem for entry in runner.caches.iterdir()] == [outcome.given["key"]]


def test_the_report_is_an_artifact_in_three_forms(cold: tuple[Runner, Outcome]) -> None:
    runner, outcome = cold
    artifact = runner.artifacts["mlops-bootstrap-report"]
    report = json.loads((artifact / "report.json").read_text())
    assert report["scope"]["only"] == ["environment", "tracking"]
    assert report["counts"]["failed"] == 0
    assert junitparser.JUnitXml.fromfile(str(artifact / "junit.xml")).tests == len(report["checks"])
    assert "<html" in (artifact / "report.html").read_text()
    for file in Path(outcome.outputs["report"]).iterdir():
        assert file.read_bytes() == (artifact / file.name).read_bytes()
    assert report["course"]["lock"] in runner.summary
    assert f"{report['counts']['passed']} passed" in runner.summary
    assert str(runner.home) not in runner.summary


def test_the_steps_after_it_work_in_the_environment(cold: tuple[Runner, Outcome]) -> None:
    runner, outcome = cold
    said = runner.run(
        "command -v python; python -c 'import mlflow; print(mlflow.get_tracking_uri())'"
    )
    python, uri = said.stdout.splitlines()
    assert python == f"{outcome.outputs['prefix']}/bin/python"
    course = yaml.safe_load((runner.workspace / INPUTS["course"]).read_text())
    port = course["services"]["mlflow"]["port"]
    assert uri == f"http://127.0.0.1:{port}"
    assert f":{course['services']['prefect']['port']}/api" in runner.environ["PREFECT_API_URL"]
    assert runner.run("mlops-bootstrap status").returncode == 0


def test_with_the_cache_no_package_is_downloaded(
    cold: tuple[Runner, Outcome], make_runner: MakeRunner, lab_server: LabServer
) -> None:
    saved = {entry: entry.stat().st_mtime_ns for entry in cold[0].caches.iterdir()}
    downloaded = [one for like in PACKAGES for one in lab_server.requests.matching(like)]
    assert downloaded
    lab_server.requests.clear()
    with taken_down(make_runner("warm")) as runner:
        runner.variables = {**runner.variables, "UV_OFFLINE": "1"}
        outcome = runner.use(**INPUTS, verify="false")
        assert not outcome.failed, outcome.log
        assert "cache-hit" in outcome.given
        assert not [one for like in PACKAGES for one in lab_server.requests.matching(like)]
        assert {entry: entry.stat().st_mtime_ns for entry in runner.caches.iterdir()} == saved
        assert "Verify it" not in outcome.ran
        assert outcome.outputs["report"] == ""
        assert not runner.artifacts


def test_what_fails_to_verify_fails_the_job_and_is_in_the_report(
    cold: tuple[Runner, Outcome],
) -> None:
    runner, before = cold
    (module,) = Path(before.outputs["prefix"]).glob("lib/python*/site-packages/mlflow/version.py")
    module.unlink()
    outcome = runner.use(**INPUTS, only="environment", report="second")
    assert outcome.failed == "Verify it"
    report = json.loads((runner.artifacts["second"] / "report.json").read_text())
    failed = [check["code"] for check in report["checks"] if check["outcome"] == "failed"]
    assert "environment.sizes" in failed
    assert "<code>environment.sizes</code>" in runner.summary
    assert "mlflow/version.py" in outcome.log


def test_where_the_runner_cannot_be_brought_up_nothing_is_kept(make_runner: MakeRunner) -> None:
    runner = make_runner("cut-off")
    runner.caches = runner.folder / "no-caches"
    runner.caches.mkdir()
    runner.variables = {**runner.variables, "MLOPS_BOOTSTRAP_SOURCE": NOWHERE}
    outcome = runner.use(**INPUTS)
    assert outcome.failed == outcome.ran[-1] == "Bring the runner up"
    assert "E-HOST-UNREACHABLE" in outcome.log
    assert not list(runner.caches.iterdir())
    assert not runner.artifacts

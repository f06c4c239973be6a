"""Images of the whole course, beside a machine that a student brought up."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests

from bootstrap.course.load import load_course
from tests.e2e import buildkit
from tests.e2e.images import OnDisk
from tests.e2e.machine import Machine
from tests.lab.engine import Engine

pytestmark = [pytest.mark.lab, pytest.mark.engine, pytest.mark.timeout(900)]

MODEL = "of-images"
DISTANCE = {"trip_distance": 4.0}
TRAIN = f"""
import mlflow
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
rides = [{{"trip_distance": float(n)}} for n in range(9)]
model = make_pipeline(DictVectorizer(), LinearRegression()).fit(rides, [2.0 * n for n in range(9)])
with mlflow.start_run():
    mlflow.sklearn.log_model(
        model, artifact_path="model", registered_model_name="{MODEL}",
        pip_requirements=["scikit-learn"],
    )
mlflow.MlflowClient().set_registered_model_alias("{MODEL}", "champion", 1)
"""


@pytest.fixture(scope="module")
def builds(machine: Machine, engine: Engine) -> Iterator[Machine]:
    """The student's machine, as one that images are built on."""
    yield machine
    with closing(engine.client()) as client:
        for target in ("ci", "services", "predictor"):
            client.images.remove(f"mlops-zoomcamp:{target}", force=True)


def test_ci_has_what_the_student_has(builds: Machine, engine: Engine, tmp_path: Path) -> None:
    builds.ok("image", "build")
    verify = ("verify", "--only", "environment")
    inside = buildkit.run(engine, "mlops-zoomcamp:ci", "mlops-bootstrap", *verify, "--json")
    report = json.loads(inside)
    assert report["counts"]["failed"] == 0, report["checks"]
    (tmp_path / "ci.json").write_text(inside)
    builds.ok(*verify, "--report", str(tmp_path / "student.json"))
    student = json.loads((tmp_path / "student.json").read_text())
    assert report["environment"]["fingerprint"] == student["environment"]["fingerprint"]
    assert "all have the same packages" in builds.ok("cohort", str(tmp_path))


def test_services_run_as_whoever_they_are_given(builds: Machine, engine: Engine) -> None:
    builds.ok("image", "build", "--target", "services")
    argv = [buildkit.docker(), "run", "--rm", "--network", "none", "--user", "4711:4711"]
    script = "mlflow --version && touch ~/there && ls /opt/mlops-bootstrap/*.py"
    done = subprocess.run(
        [*argv, "mlops-zoomcamp:services", "sh", "-c", script],
        env={**builds.environ}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "/opt/mlops-bootstrap/mlflow_server.py" in done.stdout


def test_an_editor_is_told_what_it_needs(builds: Machine, tmp_path: Path) -> None:
    builds.ok("image", "build", "--target", "devcontainer", "--output", str(tmp_path / "image"))
    config = OnDisk(tmp_path / "image").config["config"]
    (described,) = json.loads(config["Labels"]["devcontainer.metadata"])
    services = load_course(builds.course).course.services
    assert described["remoteUser"] == "student"
    assert set(described["forwardPorts"]) == {s.port for s in services.values() if s.port}
    program = described["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert program == "/opt/mlops-zoomcamp/bin/python"


@pytest.fixture
def _registered(machine: Machine) -> Iterator[None]:
    around = {**machine.environ, "MLFLOW_TRACKING_URI": machine.url("mlflow")}
    argv = [str(machine.prefix / "bin" / "python"), "-I", "-c", TRAIN]
    done = subprocess.run(
        argv, env=around, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    yield
    url = f"{machine.url('mlflow')}/api/2.0/mlflow/registered-models/delete"
    requests.delete(url, json={"name": MODEL}, timeout=30).raise_for_status()


@contextmanager
def predicting(engine: Engine) -> Iterator[str]:
    """The address of a container of the predictor."""
    with closing(engine.client()) as client:
        container = client.containers.run(
            "mlops-zoomcamp:predictor", detach=True, ports={"9696/tcp": ("127.0.0.1", None)},
            cap_drop=["ALL"],
        )  # fmt: skip
        try:
            container.reload()
            port = container.ports["9696/tcp"][0]["HostPort"]
            yield f"http://127.0.0.1:{port}"
        finally:
            container.remove(force=True)


@pytest.mark.usefixtures("_registered")
def test_a_model_of_the_registry_predicts_out_of_an_image(
    builds: Machine, engine: Engine, tmp_path: Path
) -> None:
    asked = ("image", "build", "--target", "predictor", "--model")
    first = builds.json(*asked, f"models:/{MODEL}/1")
    builds.ok(*asked, f"models:/{MODEL}@champion", "--output", str(tmp_path / "again"))
    assert OnDisk(tmp_path / "again").digest == first["digest"]
    with predicting(engine) as url:
        assert answer(url) == {"predictions": [pytest.approx(8.0)]}
    assert "byte for byte" in builds.ok("image", "verify", "mlops-zoomcamp:predictor")
    refused = builds.run(*asked, f"models:/{MODEL}/99", "--plain")
    assert refused.returncode == 1
    assert "E-IMAGE-MODEL" in refused.stderr
    wrong = builds.run("image", "build", "--target", "predictor")
    assert wrong.returncode == 2
    assert "--model" in wrong.stderr


def answer(url: str) -> object:
    until = time.monotonic() + 120
    while True:
        try:
            return requests.post(f"{url}/predict", json=DISTANCE, timeout=60).json()
        except requests.ConnectionError:
            assert time.monotonic() < until, "the predictor does not answer"
            time.sleep(0.2)

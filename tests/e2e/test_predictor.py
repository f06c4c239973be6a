"""The predictor that images are made of: fetched from a real registry, and served by gunicorn."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from bootstrap.inside import INSIDE
from tests.e2e.conftest import free_port
from tests.e2e.machine import Machine

pytestmark = [pytest.mark.lab, pytest.mark.engine, pytest.mark.timeout(600)]

REGISTER = """
import mlflow, numpy as np, pandas as pd, sys
from mlflow.models import infer_signature
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

rides = [{"PU_DO": f"{n % 3}_1", "trip_distance": float(n)} for n in range(9)]
minutes = np.arange(9.0) * 2
table = pd.DataFrame({"distance": np.arange(9.0), "hour": np.arange(9)})
pipeline = make_pipeline(DictVectorizer(), LinearRegression()).fit(rides, minutes)
columns = LinearRegression().fit(table, minutes)
numbers = LinearRegression().fit(table.to_numpy(), minutes)
signatures = {
    "pipeline": None,
    "columns": infer_signature(table, minutes),
    "numbers": infer_signature(table.to_numpy(), minutes),
    "unsigned": None,
}
models = {"pipeline": pipeline, "columns": columns, "numbers": numbers, "unsigned": numbers}
client = mlflow.MlflowClient()
with mlflow.start_run() as run:
    for name, model in models.items():
        mlflow.sklearn.log_model(
            model, artifact_path=name, registered_model_name=f"of-test-{name}",
            signature=signatures[name], pip_requirements=["scikit-learn"],
        )
client.set_registered_model_alias("of-test-pipeline", "champion", 1)
client.create_registered_model("of-test-lost")
client.create_model_version("of-test-lost", f"{run.info.artifact_uri}/nothing", run.info.run_id)
print(run.info.run_id)
"""
NAMES = ("pipeline", "columns", "numbers", "unsigned", "lost")


def python(machine: Machine, *argv: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The environment's interpreter, with MLflow where the machine has it."""
    around = {**machine.environ, "MLFLOW_TRACKING_URI": machine.url("mlflow"), **variables}
    program = str(machine.prefix / "bin" / "python")
    return subprocess.run(
        [program, "-I", *argv], env=around, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def run_id(machine: Machine) -> Iterator[str]:
    """The run that the registered models are of."""
    done = python(machine, "-c", REGISTER)
    assert done.returncode == 0, done.stderr
    yield done.stdout.split()[-1]
    for name in NAMES:
        url = f"{machine.url('mlflow')}/api/2.0/mlflow/registered-models/delete"
        requests.delete(url, json={"name": f"of-test-{name}"}, timeout=30).raise_for_status()


def fetch(
    machine: Machine, uri: str, folder: Path, **variables: str
) -> tuple[dict[str, Any], subprocess.CompletedProcess[str]]:
    """What the script answers, and how it ended."""
    asked, answer = folder.with_suffix(".asked"), folder.with_suffix(".answer")
    asked.write_text(json.dumps({"uri": uri, "folder": str(folder)}))
    script = str(INSIDE / "fetch_model.py")
    done = python(machine, script, str(asked), str(answer), **variables)
    return json.loads(answer.read_text()) if answer.exists() else {}, done


def tree(folder: Path) -> Mapping[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode, b"" if path.is_dir() else path.read_bytes()
        )
        for path in (folder, *folder.rglob("*"))
    }  # fmt: skip


def test_a_version_and_its_alias_are_fetched_the_same(
    machine: Machine, run_id: str, tmp_path: Path
) -> None:
    uris = ("models:/of-test-pipeline/1", "models:/of-test-pipeline@champion")
    answers = []
    for number, uri in enumerate(uris):
        answer, done = fetch(machine, uri, tmp_path / str(number))
        assert done.returncode == 0, done.stderr
        answers.append(answer)
    flavors = ["python_function", "sklearn"]
    told = {"name": "of-test-pipeline", "version": "1", "run_id": run_id, "flavors": flavors}
    assert answers == [told, told]
    first, second = (tree(tmp_path / str(number)) for number in range(2))
    assert first == second
    assert {oct(mode) for mode, _ in first.values()} == {"0o40755", "0o100644"}
    assert "MLmodel" in first


REFUSED = {
    "models:/of-test-none/1": "of-test-none",
    "models:/of-test-pipeline/99": "version=99",
    "models:/of-test-pipeline@nobody": "nobody",
    "models:/of-test-lost/1": "",
    "models:/of-test-pipeline": "is not models:/NAME/VERSION or models:/NAME@ALIAS",
    "models:/of-test-pipeline/Production": "is not models:/NAME/VERSION",
    "runs:/1/model": "is not models:/NAME/VERSION",
}


@pytest.mark.usefixtures("run_id")
@pytest.mark.parametrize("uri", REFUSED)
def test_a_model_that_is_not_there_is_said_in_a_line(
    machine: Machine, uri: str, tmp_path: Path
) -> None:
    answer, done = fetch(machine, uri, tmp_path / "model")
    last = done.stderr.splitlines()[-1]
    assert (answer, done.returncode) == ({}, 1)
    assert last.startswith(uri)
    assert REFUSED[uri] in last
    assert "Traceback" not in done.stderr


def test_a_server_that_is_down_is_said_in_a_line(machine: Machine, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    answer, done = fetch(machine, "models:/m/1", tmp_path / "model", MLFLOW_TRACKING_URI=url)
    assert (answer, done.returncode) == ({}, 1)
    assert "refused" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@contextmanager
def served(machine: Machine, name: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """The predictor of a model in a new folder, by its address, and its log; MLflow is not told to
    it."""
    fetched = folder.with_name("fetched")
    _, done = fetch(machine, f"models:/of-test-{name}/1", fetched)
    assert done.returncode == 0, done.stderr
    folder.mkdir()
    fetched.rename(folder / "model")
    (folder / "predict.py").write_bytes((INSIDE / "predictor" / "predict.py").read_bytes())
    log, port = folder.with_name("log"), free_port()
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [str(machine.prefix / "bin" / "gunicorn"), f"--bind=127.0.0.1:{port}", "predict:app"],
            env={**machine.environ, "XDG_RUNTIME_DIR": str(folder.parent)},
            cwd=folder, stdout=output, stderr=output,
        ) as running,
    ):  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            ends = time.monotonic() + 120
            while not answers(url):
                assert running.poll() is None, log.read_text()
                assert time.monotonic() < ends, log.read_text()
                time.sleep(0.1)
            yield url, log
        finally:
            running.terminate()


def answers(url: str) -> bool:
    try:
        return bool(requests.get(f"{url}/health", timeout=30).json() == {"status": "ok"})
    except requests.ConnectionError:
        return False


RIDE = {"PU_DO": "0_1", "trip_distance": 3.0}
FIT: dict[str, list[tuple[Any, list[float]]]] = {
    "pipeline": [(RIDE, [6.0]), ([RIDE, {**RIDE, "trip_distance": 4}], [6.0, 8.0])],
    # JSON knows no 3.0 that 3 is not: what the signature says counts.
    "columns": [({"distance": 3, "hour": 3}, [6.0]), ([{"distance": 4.0, "hour": 4}], [8.0])],
    "numbers": [([[3, 3], [4, 4.0]], [6.0, 8.0])],
    "unsigned": [([[3, 3], [4, 4.0]], [6.0, 8.0])],
}
UNFIT: dict[str, list[tuple[Any, str]]] = {
    "pipeline": [([[1, 2]], "unfit for the model"), ({"PU_DO": {"a": 1}}, "PU_DO"), ([], "rows")],
    "columns": [({"distance": 3}, "hour"), ({"distance": "far", "hour": 3}, "unfit"), (3, "rows")],
    "numbers": [([[1, 2, 3]], "unfit"), ([["a", "b"]], "unfit"), ({"distance": 3}, "unfit")],
    "unsigned": [([[1, 2, 3]], "features"), ([RIDE], "unfit"), ([[1], [1, 2]], "unfit")],
}


@pytest.mark.usefixtures("run_id")
@pytest.mark.parametrize("name", FIT)
def test_rows_are_read_as_the_model_wants_them(machine: Machine, name: str, tmp_path: Path) -> None:
    folder = tmp_path / "app"
    with served(machine, name, folder) as (url, log):
        for asked, predictions in FIT[name]:
            answer = requests.post(f"{url}/predict", json=asked, timeout=30)
            assert answer.status_code == 200, (asked, answer.text, log.read_text())
            assert answer.json() == {"predictions": pytest.approx(predictions)}
        for asked, reason in UNFIT[name]:
            answer = requests.post(f"{url}/predict", json=asked, timeout=30)
            assert answer.status_code == 400, (asked, answer.text)
            assert reason in answer.json()["error"], answer.text
            assert "Traceback" not in answer.text
    made = {path.name for path in folder.iterdir()} - {"__pycache__"}
    assert made == {"predict.py", "model"}  # and no database of MLflow's


@pytest.mark.usefixtures("run_id")
def test_what_is_no_question_is_answered_with_a_reason(machine: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "app"
    with served(machine, "pipeline", folder) as (url, _):
        for body in (b"{", b"", b"\xff", b"[" * 100_000):
            answer = requests.post(f"{url}/predict", data=body, timeout=30)
            assert answer.status_code == 400, body
            assert answer.json()["error"].startswith("not JSON: ")
        got, elsewhere = requests.get(f"{url}/predict", timeout=30), requests.get(url, timeout=30)
        assert (got.status_code, elsewhere.status_code) == (405, 404)
        assert re.fullmatch(r"\{\"error\":\".+\"\}\n", got.text)

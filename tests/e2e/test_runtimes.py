"""What both runtimes promise: the same commands, the same words, and data that stay."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import requests

from tests.e2e.machine import Machine

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

RUN = """
import mlflow
with mlflow.start_run() as run:
    mlflow.log_metric("kept", 7)
    mlflow.log_text("kept too", "note.txt")
print(run.info.run_id)
"""
NOTEBOOK = Path(__file__).parent / "notebooks" / "02-experiment-tracking.ipynb"
READ = """
import sys, mlflow
run = mlflow.get_run(sys.argv[1])
print(run.data.metrics["kept"], mlflow.artifacts.load_text(run.info.artifact_uri + "/note.txt"))
"""


def journal(served: Machine) -> list[dict[str, object]]:
    path = served.home / ".local/state/mlops-bootstrap/journal.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_second_up_finds_nothing_to_do(served: Machine) -> None:
    served.ok("up")  # what other tests left comes first
    before = len(journal(served))
    assert "Nothing to do" in served.ok("up")
    assert served.json("plan")["changes"] == []
    assert served.run("plan", "--check").returncode == 0
    assert len(journal(served)) == before


def test_status_says_healthy_for_every_service(served: Machine) -> None:
    status = served.json("status")
    databases = ("postgres",) if served.runtime == "docker" else ()
    services = dict.fromkeys((*databases, "mlflow", "prefect", "worker"), True)
    assert {s["name"]: s["healthy"] for s in status["services"]} == services
    assert status["runtime"] == served.runtime


def test_a_notebook_of_the_tracking_lesson_runs(served: Machine, tmp_path: Path) -> None:
    notebook = shutil.copy(NOTEBOOK, tmp_path)
    served.ok("run", "--", "jupyter", "execute", str(notebook))
    api = f"{served.url('mlflow')}/api/2.0/mlflow"
    by_name = {"experiment_name": "nyc-taxi-experiment"}
    found = requests.get(f"{api}/experiments/get-by-name", by_name, timeout=30).json()
    asked = {"experiment_ids": [found["experiment"]["experiment_id"]],
             "filter": "tags.developer = 'notebook'"}  # fmt: skip
    (run,) = requests.post(f"{api}/runs/search", json=asked, timeout=30).json()["runs"]
    assert run["info"]["status"] == "FINISHED"
    assert run["data"]["metrics"][0]["value"] > 0
    model = {"name": "nyc-taxi-regressor"}
    version = requests.get(f"{api}/registered-models/get", model, timeout=30).json()
    assert version["registered_model"]["latest_versions"][0]["run_id"] == run["info"]["run_id"]


def test_commands_run_in_the_environment(served: Machine) -> None:
    code = (
        "import mlflow, prefect, pyarrow, sys, os; print(sys.prefix, os.environ['PREFECT_API_URL'])"
    )
    prefix, api = served.ok("run", "--", "python", "-c", code).split()
    assert prefix == served.json("status")["environment"]["prefix"]
    assert api == served.url("prefect") + "/api"
    assert served.run("run", "--", "python", "-c", "raise SystemExit(7)").returncode == 7


def test_activation_and_the_sub_shell_lead_into_the_environment(served: Machine) -> None:
    prefix = served.home / ".local/share/mlops-bootstrap/envs/current"
    activate = served.home / ".local/share/mlops-bootstrap/shell/activate.sh"
    said = served.shell(f". {activate}; which python; echo $MLFLOW_TRACKING_URI").split()
    assert said == [str(prefix / "bin/python"), served.url("mlflow")]
    done = subprocess.run(
        served.argv("shell"),
        env={**served.environ, "SHELL": "/bin/bash"},
        input="python -c 'import sys; print(sys.prefix)'\nexit 3\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 3
    assert Path(done.stdout.strip()).resolve() == prefix.resolve()


def test_mlflow_lets_nobody_in_by_another_name(served: Machine) -> None:
    url = f"{served.url('mlflow')}/api/2.0/mlflow/experiments/get?experiment_id=0"
    assert requests.get(url, timeout=30).status_code == 200
    assert requests.get(url, headers={"Host": "evil.example"}, timeout=30).status_code == 403


def test_logs_show_one_service(served: Machine) -> None:
    assert "mlflow" in served.ok("logs", "mlflow", "--tail", "50")
    refused = served.run("logs", "mlfow")
    assert refused.returncode == 2
    assert "E-NO-SERVICE" in refused.stderr


def test_down_keeps_the_data_and_up_brings_a_run_back(served: Machine) -> None:
    run = served.ok("run", "--", "python", "-W", "ignore", "-c", RUN).split()[-1]
    served.ok("down")
    assert served.run("status").returncode == 1
    assert served.run("plan", "--check").returncode == 5
    served.ok("up", "--plain")
    assert served.ok("run", "--", "python", "-c", READ, run).split() == ["7.0", "kept", "too"]

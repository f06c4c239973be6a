"""What the checks of tracking make of what they see, on real files and servers of a test."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bootstrap.checks.api import Api
from bootstrap.checks.tracking_work import MLFLOW
from bootstrap.core.errors import BootstrapError
from bootstrap.verify import page
from bootstrap.verify.check import Outcome
from tests.unit.checks.fake_service import Answer, serving
from tests.unit.verify.services import install, served_by
from tests.unit.verify.subjects import look, paste

REST = "/api/2.0/mlflow"
ALIVE: dict[str, Answer | list[Answer]] = {
    "GET /health": (200, "OK"),
    "GET /version": (200, "3.13.0"),
    f"GET {REST}/experiments/get": (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"}),
}

SERVERS: list[tuple[dict[str, Any], tuple[str, ...], str, str]] = [
    ({}, ("3.13.0",), "passed", "MLflow 3.13.0"),
    ({}, ("3.12.0",), "failed", "the server is MLflow 3.13.0, the client 3.12.0"),
    ({}, ("3.12.0", "3.13.0"), "passed", "MLflow 3.13.0"),
    ({}, (), "warning", "no client to compare"),
    ({"GET /health": (503, "")}, ("3.13.0",), "failed", "503"),
    ({f"GET {REST}/experiments/get": (500, "")}, ("3.13.0",), "failed", "its database does not"),
]


@pytest.mark.parametrize(("changed", "clients", "outcome", "found"), SERVERS)
def test_server(
    changed: dict[str, Any], clients: tuple[str, ...], outcome: str, found: str, tmp_path: Path
) -> None:
    with serving(ALIVE | changed) as fake, served_by(tmp_path, fake.url) as subject:
        for version in clients:
            install(subject, "mlflow", version)
        finding = look(subject, "tracking.server")
    assert (finding.outcome, found in finding.found) == (outcome, True), finding


def test_a_server_that_is_not_there_names_what_to_type(tmp_path: Path) -> None:
    with serving({}) as fake:
        pass
    with served_by(tmp_path, fake.url) as subject:
        finding = look(subject, "tracking.server")
    assert finding.outcome is Outcome.FAILED
    assert "refused" in finding.found
    assert "mlflow is not started" in finding.found
    assert finding.remedy.startswith("mlops-bootstrap up")


HERE = "http://127.0.0.1:5999"
VARIABLES: list[tuple[str | None, str]] = [
    (None, "passed"),  # not set in this shell: activation sets it
    (HERE, "passed"),
    ("http://localhost:5999/", "passed"),
    ("http://127.0.0.1:5998", "failed"),
    ("http://student:secret@mlflow.example:5999", "failed"),
    ("sqlite:///mlflow.db", "failed"),
    ("./mlruns", "failed"),
    ("", "failed"),
]


@pytest.mark.parametrize(("value", "outcome"), VARIABLES)
def test_variable_of_this_shell(value: str | None, outcome: str, tmp_path: Path) -> None:
    environ = {} if value is None else {"MLFLOW_TRACKING_URI": value}
    with served_by(tmp_path, HERE, **environ) as subject:
        finding = look(subject, "tracking.variable")
    assert finding.outcome == outcome, finding
    assert "secret" not in finding.found


def test_the_line_that_sets_it_is_named(tmp_path: Path) -> None:
    (tmp_path / ".bashrc").write_text("alias ll='ls -l'\nexport MLFLOW_TRACKING_URI=sqlite:///x\n")
    with served_by(tmp_path, HERE, MLFLOW_TRACKING_URI="sqlite:///x") as subject:
        finding = look(subject, "tracking.variable")
    assert finding.outcome is Outcome.FAILED
    (line,) = re.findall(rf"{tmp_path}/.bashrc:(\d+)", finding.found)
    assert "MLFLOW" in (tmp_path / ".bashrc").read_text().splitlines()[int(line) - 1]


ACTIVATIONS = [
    "",
    "export MLFLOW_TRACKING_URI=http://127.0.0.1:1\n",
    "return 3\n",
    "export MLFLOW_TRACKING_URI='unclosed\n",
]


@pytest.mark.parametrize("text", ACTIVATIONS)
def test_variable_of_an_edited_activation_file(text: str, tmp_path: Path) -> None:
    with served_by(tmp_path, HERE, MLFLOW_TRACKING_URI=HERE) as subject:
        (subject.view.paths.data / "shell" / "activate.sh").write_text(text)
        finding = look(subject, "tracking.variable")
    assert (finding.outcome, finding.wanted) == (Outcome.FAILED, HERE)
    assert finding.remedy.startswith("mlops-bootstrap up")


HTML = '<head><link rel="stylesheet" href="a/x.css"><link rel="icon" href="gone.ico"></head>'
SCRIPTED = f'{HTML}<script src="./a/x.js"></script><script src="https://cdn.example/y.js"></script>'
PAGE: dict[str, Answer | list[Answer]] = {
    "GET /": (200, SCRIPTED, "text/html; charset=utf-8"),
    "GET /a/x.css": (200, "p {}", "text/css"),
    "GET /a/x.js": (200, "1", "text/javascript"),
}
PAGES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"GET /": (200, "{}", "application/json")}, ["/ is application/json, not HTML"]),
    ({"GET /": (200, HTML, "text/html")}, ["/ names no script: nothing would be drawn"]),
    ({"GET /a/x.js": (404, "")}, ["/a/x.js answers 404"]),
    ({"GET /a/x.js": (200, "<html>", "text/html")}, ["/a/x.js is text/html, not a script"]),
    ({"GET /a/x.css": (200, "", "text/css")}, ["/a/x.css is empty"]),
]


@pytest.mark.parametrize(("changed", "lines"), PAGES)
def test_page(changed: dict[str, Any], lines: list[str]) -> None:
    with serving(PAGE | changed) as fake:
        found, _ = page.broken(Api(MLFLOW, fake.url, deadline_s=5))
    assert found == lines


def test_deleted_experiments_of_students_are_named_and_ours_are_not(tmp_path: Path) -> None:
    def listed(*names: str) -> Answer:
        return 200, {
            "experiments": [{"name": n, "experiment_id": str(i)} for i, n in enumerate(names)]
        }

    search = f"POST {REST}/experiments/search"
    for names, outcome in [
        (("mlops-bootstrap-verify-1", "mlops-bootstrap-health"), "passed"),
        ((), "passed"),
        (("mlops-bootstrap-verify-1", "nyc-taxi-experiment"), "warning"),
    ]:
        home = tmp_path / str(len(names))
        home.mkdir(exist_ok=True)
        answers: dict[str, Any] = {search: listed(*names)}
        with serving(answers) as fake, served_by(home / outcome, fake.url) as subject:
            finding = look(subject, "tracking.deleted-experiment")
        assert finding.outcome == outcome
    assert "`nyc-taxi-experiment` (id 1)" in finding.found
    assert finding.remedy.endswith("mlflow experiments restore --experiment-id 1")


def test_many_deleted_experiments_are_read_page_by_page(tmp_path: Path) -> None:
    one = {"name": "lesson", "experiment_id": "9"}
    pages: list[Answer] = [
        (200, {"experiments": [one], "next_page_token": "more"}), (200, {"experiments": [one] * 4}),
    ]  # fmt: skip
    answers: dict[str, Any] = {f"POST {REST}/experiments/search": pages}
    with serving(answers) as fake, served_by(tmp_path, fake.url) as subject:
        finding = look(subject, "tracking.deleted-experiment")
    assert "and 2 more" in finding.found


def test_data_without_its_files_are_at_risk(tmp_path: Path) -> None:
    with served_by(tmp_path, HERE) as subject:
        finding = look(subject, "tracking.data")
    assert finding.outcome is Outcome.FAILED
    assert "mlflow.db is gone" in finding.found
    assert "artifacts is gone" in finding.found


def test_runs_in_files_of_the_clone_are_named(tmp_path: Path) -> None:
    with served_by(tmp_path, HERE) as subject:
        clone = subject.repository
        tracked, stray, hidden = (clone / place / "mlruns" for place in ("02", "03/deep", ".venv"))
        for folder in (tracked, stray, hidden):
            folder.mkdir(parents=True)
            (folder / "meta.yaml").touch()
        paste(f"cd {clone} && git init -q && git add -f 02")
        found = look(subject, "tracking.stray-files")
        assert (found.outcome, str(stray) in found.found) == (Outcome.WARNING, True)
        assert str(tracked) not in found.found
        assert str(hidden) not in found.found
        paste(f"rm -r {stray}")
        assert look(subject, "tracking.stray-files").outcome is Outcome.PASSED
        subprocess.run(["touch", str(clone / "mlflow.db")], check=True)
        assert "sqlite:///" in look(subject, "tracking.stray-files").remedy


MIGRATIONS = "mlflow/store/db_migrations/versions"
SCHEMAS = [("b2", "passed"), ("a1", "failed"), ("", "warning"), ("zz", "E-SCHEMA-NEWER")]


@pytest.mark.parametrize(("revision", "outcome"), SCHEMAS)
def test_schema(revision: str, outcome: str, tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    with served_by(tmp_path, HERE) as subject:
        folder = subject.generation.site_packages / MIGRATIONS
        folder.mkdir(parents=True)
        (folder / "a.py").write_text("revision = 'a1'\ndown_revision = None\n")
        (folder / "b.py").write_text("revision = 'b2'\ndown_revision = 'a1'\n")
        data = Path(subject.runtime.flows).parent / "data"
        data.mkdir(parents=True)
        with closing(sqlite3.connect(data / "mlflow.db", isolation_level=None)) as database:
            database.execute("CREATE TABLE alembic_version (version_num TEXT)")
            if revision:
                database.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
        try:
            found: str = look(subject, "tracking.schema").outcome
        except BootstrapError as error:
            found = error.code
    assert found == outcome

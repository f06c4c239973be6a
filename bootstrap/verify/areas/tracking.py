"""MLflow: what students write comes back, and they reach the right server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from bootstrap.checks import tracking
from bootstrap.checks.own_names import PREFIXES
from bootstrap.checks.tracking_once import prove_without_trace
from bootstrap.checks.tracking_work import MLFLOW, deleted_experiments
from bootstrap.core.errors import BootstrapError
from bootstrap.core.listing import first_few
from bootstrap.verify import page, servers, variables
from bootstrap.verify.check import Check, Finding, failed, passed, warning
from bootstrap.verify.clone import git
from bootstrap.verify.servers import Server, api_of
from bootstrap.verify.subject import Subject

SERVER = Server(MLFLOW, "/health", "/api/2.0/mlflow/experiments/get?experiment_id=0", "/version")

PROOF_S = 60.0
"""Seconds for all that is written and read back; it takes one."""

STRAY = ("mlruns", "mlflow.db")
"""What MLflow writes into the current folder where it knows no server."""

NAMED = 3
"""How many of several are named."""


def _server(subject: Subject) -> Finding:
    return servers.answers(SERVER, subject)


def _schema(subject: Subject) -> Finding:
    return servers.schema(SERVER, subject)


def _roundtrip(subject: Subject) -> Finding:
    url = subject.runtime.url("mlflow")
    prove_without_trace(url, deadline_s=PROOF_S, sleep=subject.cancel.sleep)
    return passed("experiment, run, metric, artifact, model version and alias came back")


def _variable(subject: Subject) -> Finding:
    return variables.points_here("MLFLOW_TRACKING_URI", subject)


def _page(subject: Subject) -> Finding:
    lines, files = page.broken(api_of(MLFLOW, subject, PROOF_S))
    if not lines:
        return passed(f"{subject.runtime.url('mlflow')} and the {files} files that it needs")
    return failed(
        "; ".join(lines[:NAMED]),
        wanted="a page, and every script and style that it names",
        remedy="mlops-bootstrap down --yes && mlops-bootstrap up",
    )


def _deleted_experiment(subject: Subject) -> Finding:
    found = deleted_experiments(api_of(MLFLOW, subject))
    theirs = [one for one in found if not one["name"].startswith(PREFIXES)]
    if not theirs:
        return passed("none")
    names = (f"`{one['name']}` (id {one['experiment_id']})" for one in theirs)
    named = ", ".join(first_few(names, NAMED))
    restore = "mlops-bootstrap run -- mlflow experiments restore --experiment-id"
    return warning(
        f"deleted: {named}; MLflow keeps their names, so set_experiment refuses them",
        wanted="no deleted experiment whose name a lesson could use",
        remedy=f"{restore} {theirs[0]['experiment_id']}",
    )


def _data(subject: Subject) -> Finding:
    where = subject.runtime.data(subject.view)
    if lost := subject.runtime.at_risk(subject.view, "mlflow"):
        return failed(
            lost,
            wanted="databases and artifacts where `down` keeps them",
            remedy="mlops-bootstrap down --yes && mlops-bootstrap up",
        )
    again = "mlops-bootstrap down --yes && mlops-bootstrap up"
    try:
        proven = tracking.read_back(subject.runtime.url("mlflow"), deadline_s=PROOF_S)
    except BootstrapError as error:
        if error.code != "E-MLFLOW-LOST":
            raise
        return failed(
            f"{error.what}: artifacts were deleted from {where}",
            wanted="an artifact of an earlier run can be read",
            remedy=f"{again}  # for runs of your own, train again or restore a copy",
        )
    if proven is None:
        return warning(
            f"{where}; there is no earlier run of ours to read back",
            wanted="an artifact of an earlier run can be read",
            remedy=again,
        )
    return passed(f"{where}; the run of {proven:%Y-%m-%d %H:%M} UTC and its artifact are there")


def _stray_files(subject: Subject) -> Finding:
    found = [path for path in sorted(_stray(subject.repository)) if not _tracked(subject, path)]
    if not found:
        return passed(f"no {' or '.join(STRAY)} in {subject.repository}")
    first = found[0]
    uri = f"sqlite:///{first}" if first.suffix else str(first)
    return warning(
        f"runs that went into files: {', '.join(map(str, found[:NAMED]))}",
        wanted="runs on the server: activate the environment before you start Python",
        remedy=f"mlops-bootstrap run -- mlflow ui --port 5999 --backend-store-uri {uri}",
    )


def _stray(repository: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(repository):
        for name in STRAY:
            if name in folders or name in files:
                yield Path(folder, name)
        folders[:] = [name for name in folders if name not in STRAY and not name.startswith(".")]


def _tracked(subject: Subject, path: Path) -> bool:
    """Whether it belongs to the course."""
    return bool(git(subject, "ls-files", "--", str(path)).output.strip())


_UP = ("tracking.server",)
_ASKED = (*_UP, "tools.compose")
"""What has to be well for the database to be asked in its container; natively it is a file."""

CHECKS = (
    Check(
        "tracking.server",
        "MLflow answers and is of the client's version",
        _server,
        requires=("tools.engine",),
    ),
    Check("tracking.schema", "MLflow's database has the client's schema", _schema, _ASKED),
    Check("tracking.roundtrip", "What is written to MLflow comes back", _roundtrip, requires=_UP),
    Check("tracking.variable", "MLFLOW_TRACKING_URI leads to this machine's MLflow", _variable),
    Check("tracking.page", "MLflow's web page loads", _page, requires=_UP),
    Check(
        "tracking.deleted-experiment",
        "No deleted experiment keeps its name",
        _deleted_experiment,
        requires=_UP,
    ),
    Check(
        "tracking.data",
        "Runs and artifacts outlive down and up",
        _data,
        requires=_UP,
    ),
    Check(
        "tracking.stray-files",
        "No runs went into files of the repository",
        _stray_files,
        requires=("repository.cloned",),
    ),
)

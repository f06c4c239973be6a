"""The model of a predictor: fetched from MLflow's registry by the MLflow of the course."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Job
from bootstrap.core.writing import writing
from bootstrap.host.command import Command
from bootstrap.host.host import Host
from bootstrap.images.staging import Staging
from bootstrap.inside import INSIDE

DEADLINE = 600.0


@dataclass(frozen=True, slots=True)
class ModelWanted:
    """A model by its address (models:/NAME/VERSION or models:/NAME@ALIAS), and the MLflow server
    that has it."""

    uri: str
    tracking: str


def fetch_model(wanted: ModelWanted, folder: Path, staging: Staging, host: Host, job: Job) -> str:
    """Bring a model into a folder that is not there yet; gives its exact address.

    Raises BootstrapError E-IMAGE-MODEL, E-COMMAND-DEADLINE, E-WRITE or E-DISK-FULL.
    """
    if staging.foreign:
        raise _refused(
            wanted, "it is fetched by the course's own MLflow, and this machine cannot run that",
            f"build it on a machine of {staging.subject.arch}",
        )  # fmt: skip
    asked, answered = (folder.with_name(f"model-{part}.json") for part in ("asked", "answered"))
    with writing(asked):
        asked.write_text(json.dumps({"uri": wanted.uri, "folder": str(folder)}))
    home = staging.folder / "home"
    with writing(home):
        home.mkdir(exist_ok=True)
    around = {"HOME": str(home), "MLFLOW_TRACKING_URI": wanted.tracking}
    argv = (
        str(staging.python), "-I", str(INSIDE / "fetch_model.py"), str(asked), str(answered)
    )  # fmt: skip
    command = Command(argv, around, home, deadline=DEADLINE)
    try:
        host.run(command, job, quiet=True)
    except BootstrapError as error:
        if error.code != "E-COMMAND-FAILED":
            raise
        said = error.what.splitlines()[-1].strip()
        raise _refused(
            wanted, said, "`mlops-bootstrap status` says whether MLflow runs, its page which models"
            " there are",
        ) from error  # fmt: skip
    found = json.loads(answered.read_bytes())
    return f"models:/{found['name']}/{found['version']}"


def _refused(wanted: ModelWanted, why: str, remedy: str) -> BootstrapError:
    return BootstrapError(
        "E-IMAGE-MODEL", f"there is no model to put into the image: {why}", where=wanted.uri,
        remedy=remedy,
    )  # fmt: skip

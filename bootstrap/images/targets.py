"""What images there are: the same environment, for CI, for services, to develop in, to predict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bootstrap.course.locate import compose_directory
from bootstrap.export import devcontainer
from bootstrap.export.dockerfile import UID, USER
from bootstrap.export.subject import Subject
from bootstrap.images.entries import OPEN, Entry
from bootstrap.images.furniture import HOME
from bootstrap.inside import INSIDE

CI, SERVICES, DEVCONTAINER, PREDICTOR = "ci", "services", "devcontainer", "predictor"
TARGETS = (CI, SERVICES, DEVCONTAINER, PREDICTOR)

SERVICES_HOME = "/var/lib/mlops-bootstrap/home"
PORT = 9696
"""Of the predictor, as in the lesson."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an image has beside what all have.

    entries are its own layer; config is the part of its configuration that says what is started.
    """

    name: str
    config: Mapping[str, Any]
    entries: list[Entry] = field(default_factory=list)
    labels: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


def role_of(name: str, subject: Subject) -> str:
    """The role of the course's image that a target is put on: one to develop in may have its own,
    with what editors need."""
    own = name == DEVCONTAINER and DEVCONTAINER in subject.course.images
    return DEVCONTAINER if own else "base"


def target(name: str, subject: Subject, model: Path | None) -> Target:
    """A target by its name; model is the folder of the model that a predictor holds."""
    if name == SERVICES:
        return _services()
    if name == DEVCONTAINER:
        return _devcontainer(subject)
    if name == PREDICTOR and model:
        return _predictor(model)
    return Target(CI, {"Cmd": ["bash"], "WorkingDir": HOME, "User": f"{UID}:{UID}"})


def _services() -> Target:
    scripts = ("proof_flow.py", "healthcheck.py", "mlflow_server.py")
    data = "var/lib/mlops-bootstrap"
    entries = [
        # The uid is chosen when a container starts, so any may write here.
        *(Entry.folder(f"{data}/{name}", OPEN) for name in ("home", "artifacts")),
        *(
            Entry.of_file(f"opt/mlops-bootstrap/{name}", compose_directory() / name)
            for name in scripts
        ),
    ]
    config = {"Cmd": ["bash"], "WorkingDir": SERVICES_HOME, "User": f"{UID}:{UID}"}
    # USER: a uid without a passwd entry has no name, and MLflow asks for it.
    return Target(SERVICES, config, entries, environment={"HOME": SERVICES_HOME, "USER": "course"})


def _devcontainer(subject: Subject) -> Target:
    """An image that says by itself how to be developed in (containers.dev, image metadata)."""
    described = json.dumps([devcontainer.metadata(subject)], sort_keys=True)
    config = {"Cmd": ["bash"], "WorkingDir": HOME, "User": f"{UID}:{UID}"}
    return Target(DEVCONTAINER, config, labels={"devcontainer.metadata": described})


def _predictor(model: Path) -> Target:
    entries = [Entry.of_file("app/predict.py", INSIDE / "predictor" / "predict.py")]
    entries += [
        Entry.of_file(f"app/model/{file.relative_to(model)}", file)
        for file in sorted(model.rglob("*"))
        if file.is_file()
    ]
    serve = [
        "gunicorn",
        f"--bind=0.0.0.0:{PORT}",
        "--timeout=180",
        "--worker-tmp-dir=/dev/shm",
        "predict:app",
    ]
    config = {
        "Entrypoint": serve,
        "WorkingDir": "/app",
        "User": f"{UID}:{UID}",
        "ExposedPorts": {f"{PORT}/tcp": {}},
    }
    return Target(PREDICTOR, config, entries, environment={"USER": USER})

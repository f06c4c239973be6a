"""The course file for the lab: the shipped one, with the pins of the stand-ins in place."""

from __future__ import annotations

import copy
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.lab.compose_binary import ComposeBinary
from tests.lab.errors import LabError

SHIPPED = Path(__file__).parents[2] / "envs" / "mlops-zoomcamp" / "course.yml"
NAME = "lab-course.yml"
HEADER = (
    "# Written by tests/lab from the shipped course.yml: the same course, pinned to stand-ins.\n"
)


@dataclass(frozen=True)
class Pins:
    """What the stand-ins are pinned by."""

    conda_lock: Path
    compose: ComposeBinary
    images: dict[str, str]
    commit: str


def write(target: Path, pins: Pins, shipped: Path = SHIPPED) -> Path:
    """Write the lab's course file and its locks into a folder; return the course file."""
    course = yaml.safe_load(shipped.read_text())
    environment = course["environment"]
    wheels = shipped.parent / environment["wheels"]
    if not wheels.is_file():
        raise LabError(f"{shipped.name} names {wheels.name}, which is not beside it: run its lock")
    replaced = repin(course, pins)
    _replace(target / environment["wheels"], wheels.read_bytes())
    _replace(target / environment["conda"], pins.conda_lock.read_bytes())
    text = HEADER + yaml.safe_dump(replaced, sort_keys=False, width=200)
    _replace(target / NAME, text.encode())
    return target / NAME


def repin(course: dict[str, Any], pins: Pins) -> dict[str, Any]:
    """Return the course with its pins replaced; all else stays as shipped."""
    made = copy.deepcopy(course)
    made["requirements"]["arch"] = ["x86_64"]
    made["repository"]["commit"] = pins.commit
    for binary in made["binaries"]:
        if binary["name"] != "docker-compose":
            raise LabError(f"the lab has no stand-in for the binary {binary['name']}")
        binary["version"] = pins.compose.version
        binary["sha256"] = {"x86_64": pins.compose.sha256}
    for role, reference in made["images"].items():
        made["images"][role] = _repinned(reference, pins.images)
    return made


def _repinned(reference: str, digests: dict[str, str]) -> str:
    name = reference.partition("@")[0]
    repository = name.rsplit(":", 1)[0] if ":" in name.rsplit("/", 1)[-1] else name
    if repository not in digests:
        raise LabError(f"the lab has no stand-in for the image {repository}")
    return f"{name}@{digests[repository]}"


def _replace(file: Path, data: bytes) -> None:
    """Write beside, then replace, and only if something changed."""
    if file.is_file() and file.read_bytes() == data:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".tmp-")
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
    Path(name).chmod(0o644)
    Path(name).replace(file)

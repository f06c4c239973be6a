"""Course files for the lab: the shipped ones, with the pins of the stand-ins in place."""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bootstrap.course.sums import SUMS, sums_text
from tests.lab.cache import build_once
from tests.lab.compose_binary import ComposeBinary
from tests.lab.errors import LabError

ENVS = Path(__file__).parents[2] / "envs"
SHIPPED = ENVS / "mlops-zoomcamp" / "course.yml"
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


def write(cache: Path, pins: Pins, shipped: Path = SHIPPED) -> Path:
    """Return the lab's course file with its locks beside it.

    Its folder is named by their content: a lab of another checkout, served from the same cache at
    the same time, keeps its own.
    """
    files = _files(pins, shipped)
    key = hashlib.sha256(b"\0".join(files[name] for name in sorted(files))).hexdigest()[:16]

    def build(target: Path) -> None:
        for name, data in files.items():
            (target / name).write_bytes(data)

    return build_once(cache, "course", key, build) / NAME


def _files(pins: Pins, shipped: Path) -> dict[str, bytes]:
    course = yaml.safe_load(shipped.read_text())
    environment = course["environment"]
    wheels = environment["wheels"]
    beside = [wheels["lock"], wheels.get("specification"), environment.get("lessons")]
    text = HEADER + yaml.safe_dump(repin(course, pins), sort_keys=False, width=200)
    conda = environment["conda"]["lock"]
    files = {
        NAME: text.encode(),
        conda: pins.conda_lock.read_bytes(),
        **{name: _beside(shipped, name) for name in beside if name},
    }
    locks = {name: files[name] for name in (conda, wheels["lock"])}
    return {**files, SUMS: sums_text(locks).encode()}


def _beside(shipped: Path, name: str) -> bytes:
    try:
        return (shipped.parent / name).read_bytes()
    except FileNotFoundError:
        raise LabError(f"{shipped.name} names {name}, which is not beside it") from None


def repin(course: dict[str, Any], pins: Pins) -> dict[str, Any]:
    """Return the course with its pins replaced; all else stays as shipped."""
    made = copy.deepcopy(course)
    made["requirements"]["arch"] = ["x86_64"]  # a course has a pin for each, the lab has only these
    conda = made["environment"]["conda"]
    conda["sha256"] = hashlib.sha256(pins.conda_lock.read_bytes()).hexdigest()
    conda.pop("specification", None)  # it asks for a Python that this machine may not have
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

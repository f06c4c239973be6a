"""A course locked anew: the same course with other wheels."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import yaml

from bootstrap.course.requirements import read_vias


def relocked(course: Path, folder: Path, requirements: str) -> Path:
    """Copy a course.yml and its locks into a new folder, with this text as the lock of its wheels;
    return the new course.yml, which pins it."""
    shutil.copytree(course.parent, folder)
    copy = folder / course.name
    text = yaml.safe_load(copy.read_text())
    wheels = text["environment"]["wheels"]
    (folder / wheels["lock"]).write_text(requirements)
    wheels["sha256"] = hashlib.sha256(requirements.encode()).hexdigest()
    copy.write_text(yaml.safe_dump(text, sort_keys=False))
    return copy


def requirements_of(course: Path) -> str:
    """The text of the lock of a course's wheels."""
    lock = yaml.safe_load(course.read_text())["environment"]["wheels"]["lock"]
    return course.with_name(lock).read_text()


def without(requirements: str, name: str) -> str:
    """A lock without one of its packages; who needs it is not asked."""
    return replaced(requirements, name, "")


def replaced(requirements: str, name: str, line: str) -> str:
    """A lock with another line for one of its packages; raises ValueError where it has none."""
    kept, leaving_out = [], False
    for before in requirements.splitlines(keepends=True):
        if not before.startswith((" ", "#")):
            leaving_out = before.startswith(f"{name}==")
            kept += [line] if leaving_out else []
        if not leaving_out:
            kept.append(before)
    made = "".join(kept)
    if made == requirements:
        raise ValueError(f"the lock has no {name}")
    return made


def closure(requirements: str, *names: str) -> str:
    """A lock with only these packages and what they need, by its comments `# via`."""
    needed, vias = set(names), read_vias(requirements)
    while more := {name for name, asking in vias.items() if needed.intersection(asking)} - needed:
        needed |= more
    made = requirements
    for name in vias.keys() - needed:
        made = without(made, name)
    return made

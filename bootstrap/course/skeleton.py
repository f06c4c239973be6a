"""The files that a course of one's own begins with: specifications with comments, no locks.

What is pinned in them (programs, images, the interpreter) and what the services are made of is read
from the course that ships with the tool, so that there is one place for it.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

from bootstrap.core.errors import UsageError
from bootstrap.core.writing import writing
from bootstrap.course.load import LoadedCourse
from bootstrap.course.locate import COURSE_FILE
from bootstrap.course.model import SUBDIRS, Lock
from bootstrap.course.schema import schema_text

SCHEMA_FILE = "course.schema.json"
CONDA_FILE = "environment.yml"
WHEELS_FILE = "requirements.in"

NAMELESS = "my-course"
"""The name of a course in a folder whose name has nothing that a name may have."""

_LONGEST_NAME, _LONGEST_TITLE = 40, 100

COURSE = Template(f"""\
# yaml-language-server: $$schema={SCHEMA_FILE}
#
# A course: what a machine must have. Most of this is as in the course that ships with
# mlops-bootstrap; what is yours is the name, the repository, and the two specifications beside this
# file. After a change of those, `mlops-bootstrap lock` makes the locks.

version: 1

# The name is that of folders, containers and the environment: change it before the first `up`.
$identity
# What the machine must be; `up` says at once what is not so, and changes nothing then.
# disk is what an install needs free. Locks are made for each arch, and each is to be proven.
$requirements
# Debian packages that are installed where they are absent.
$packages
# `specification` is what you write, `lock` is what `mlops-bootstrap lock` makes of it; it puts the
# sha256 of each lock here too, and a lock that was edited is refused.
environment:
  conda:
    lock: conda-lock.yml
    specification: {CONDA_FILE}
  wheels:
    lock: requirements.txt
    specification: {WHEELS_FILE}
  # A Python file beside this one with what your lessons call; `mlops-bootstrap lock prove` runs it.
  # lessons: lessons.py

# Cloned at just this commit, in full: `git ls-remote URL HEAD` prints the newest.
$repository
# Programs that are one file each, checked by their sha256. docker-compose starts the services.
$binaries
# Images by role: the environment is put on `base`, the databases run in `postgres`.
$images
# All four are needed. port is the one on 127.0.0.1, deadline the seconds until it must be healthy.
$services
# Tables that the lessons read: the columns by name, each a timestamp, integer, float,
# nullable float or text.
# data:
#   trips:
#     started_at: timestamp
#     distance: float
""")

CONDA = Template("""\
# What conda provides: the interpreter and its libraries, and nothing written in Python. Packages of
# Python belong into requirements.in: two installers that own files of one package break each other.
name: $name
channels:
  - conda-forge
platforms:
$platforms
dependencies:
  - $python
""")

WHEELS = Template("""\
# What the lessons import, as wheels, a line each. `mlops-bootstrap lock` resolves it for all
# platforms at once and writes requirements.txt, which pins every package by its sha256.
#
# Give a bound only where a newer release breaks something, and say what:
#   pandas<3  # lesson 2 relies on ...

# What the services run on. The bounds are those of the course that ships with mlops-bootstrap,
# where each is explained.
$services
# What your lessons import:
# jupyterlab
# pandas
# scikit-learn
""")

SERVICES = {
    "pip": "conda's Python brings none",
    "mlflow": "",
    "psycopg2-binary": "MLflow to PostgreSQL",
    "prefect": "",
    "asyncpg": "Prefect to PostgreSQL",
    "fastapi": "below Prefect's server",
    "sqlalchemy": "below both servers",
}
"""The packages that the services need by name, each with what to say of it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a course one's own; url and commit are those of its repository."""

    name: str
    title: str
    url: str
    commit: str


def name_for(folder: Path) -> str:
    """Give the name for a course in this folder: its own, with what a name may not have as `-`."""
    plain = unicodedata.normalize("NFKD", _called(folder)).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return name[:_LONGEST_NAME].strip("-") or NAMELESS


def title_for(folder: Path) -> str:
    """Give the title for a course in this folder: what the folder is called, in one line."""
    title = "".join(c if c.isprintable() else " " for c in _called(folder)).strip()
    return title[:_LONGEST_TITLE] or NAMELESS


def _called(folder: Path) -> str:
    name = os.path.basename(os.path.abspath(folder))  # noqa: PTH100, PTH119 - of `..` the name too
    # Bytes that are no UTF-8 are surrogates in a path, which no file can hold.
    return os.fsencode(name).decode("utf-8", "replace")


def skeleton(identity: Identity, shipped: LoadedCourse) -> dict[str, str]:
    """Give the texts of a new course's files by name, with pins from a shipped course."""
    sections = _sections(shipped.path.read_text("utf-8"))
    repository = {"url": identity.url, "commit": identity.commit}
    repository["destination"] = f"~/{identity.name}"
    course = COURSE.substitute(
        sections,
        identity=_yaml({"name": identity.name, "title": identity.title}),
        repository=_yaml({"repository": repository}),
    )
    platforms = "\n".join(f"  - {SUBDIRS[arch]}" for arch in shipped.course.requirements.arch)
    python = _python(shipped)
    name = _yaml({"name": identity.name}).partition(": ")[2].strip()
    return {
        COURSE_FILE: course,
        SCHEMA_FILE: schema_text(),
        CONDA_FILE: CONDA.substitute(name=name, platforms=platforms, python=python),
        WHEELS_FILE: WHEELS.substitute(services="".join(_services(shipped))),
    }


def write_skeleton(folder: Path, files: Mapping[str, str]) -> None:
    """Write files (name -> text) into a folder, all or none, and over nothing that is there.

    Raises UsageError E-COURSE-EXISTS with all that stands in the way; BootstrapError E-DISK-FULL or
    E-WRITE.
    """
    check_free(folder, files)
    made: list[Path] = []
    try:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in files.items():
                with (folder / name).open("xb") as file:
                    made.append(folder / name)
                    file.write(text.encode())
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise


def check_free(folder: Path, files: Mapping[str, str]) -> None:
    """Raise UsageError E-COURSE-EXISTS where something stands in the way of these files."""
    if standing := _standing(folder, files):
        raise UsageError(
            "E-COURSE-EXISTS",
            f"already there: {', '.join(map(str, standing))}; nothing was written",
            where=str(folder),
            remedy="choose another folder, or move away what is there",
        )


def _standing(folder: Path, names: Iterable[str]) -> list[Path]:
    """What is there already where files would be, or what is no folder where the folder would."""
    there = next((path for path in (folder, *folder.parents) if os.path.lexists(path)), folder)
    if os.path.lexists(there) and not there.is_dir():
        return [there]
    return [path for name in names if os.path.lexists(path := folder / name)]


def _sections(text: str) -> dict[str, str]:
    """Give the text of each key at the top of a course file, with the comments just above it."""
    starts = list(re.finditer(r"^(?:#.*\n)*(\w+):", text, re.MULTILINE))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    return {
        start[1]: text[start.start() : end].rstrip() + "\n"
        for start, end in zip(starts, ends, strict=True)
    }


def _yaml(value: dict[str, Any]) -> str:
    """Write YAML that reads as just these values: quoted where a text would be a number."""
    return str(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=1000))


def _python(shipped: LoadedCourse) -> str:
    specification = yaml.safe_load(_specification(shipped, shipped.course.environment.conda))
    asked = map(str, specification["dependencies"])
    return next(one for one in asked if one.startswith("python="))


def _services(shipped: LoadedCourse) -> Iterator[str]:
    text = _specification(shipped, shipped.course.environment.wheels)
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    for name, why in SERVICES.items():
        asked = next(line for line in lines if re.split(r"[^\w.-]", line)[0] == name)
        yield f"{asked}  # {why}\n" if why else f"{asked}\n"


def _specification(shipped: LoadedCourse, lock: Lock) -> str:
    assert lock.specification, "a test holds the shipped course to having its specifications"
    return (shipped.directory / lock.specification).read_text("utf-8")

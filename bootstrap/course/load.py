"""Reads a course: course.yml and the lock files beside it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bootstrap.core.errors import UsageError
from bootstrap.course.digests import check_digest
from bootstrap.course.document import Document, read_document
from bootstrap.course.model import Course
from bootstrap.course.problems import Problem, line_of
from bootstrap.course.wording import problems_in

VERSIONS = (1,)
"""The versions of the course format that this tool reads."""


@dataclass(frozen=True, slots=True)
class LoadedCourse:
    """A course together with where it was read.

    path, conda_lock and requirements are absolute; digest is the sha256 of course.yml's bytes.
    """

    course: Course
    path: Path
    directory: Path
    digest: str
    conda_lock: Path
    requirements: Path

    @property
    def name(self) -> str:
        """The name of the course."""
        return self.course.name


def load_course(path: Path) -> LoadedCourse:
    """Read the course.yml at this path, and see that its locks are there as it pins them.

    Raises UsageError: what read_course() raises, E-COURSE-LOCK-MISSING (a lock is not beside it),
    E-LOCK-EDITED (a lock is not the one whose digest the course holds).
    """
    loaded = read_course(path)
    _check_locks(loaded)
    return loaded


def read_course(path: Path) -> LoadedCourse:
    """Read the course.yml at this path, whatever its locks are: to make them.

    Raises UsageError: E-COURSE-MISSING (no such file), E-COURSE-SYNTAX (not YAML),
    E-COURSE-VERSION (a format of another version), E-COURSE-INVALID (everything else that is
    wrong, all at once, a line each).
    """
    content = _content(path)
    file = str(path)
    course = _course(read_document(content, file), file)
    absolute = path.absolute()
    return LoadedCourse(
        course=course,
        path=absolute,
        directory=absolute.parent,
        digest=hashlib.sha256(content).hexdigest(),
        conda_lock=absolute.parent / course.environment.conda.lock,
        requirements=absolute.parent / course.environment.wheels.lock,
    )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            "E-COURSE-MISSING",
            f"no course file can be read at {path}: {reason}",
            where=str(path),
            remedy="give a course.yml, its folder or the name of a shipped course with --course",
        ) from None


def _course(document: Document, file: str) -> Course:
    data = document.data
    if not isinstance(data, dict):
        found = "is empty" if data is None else f"is a {_kind(data)}"
        message = f"the file {found}; a course is a mapping that begins with `version: 1`"
        raise _invalid([*document.problems, Problem(1, "", message)], file)
    _check_version(data, document, file)
    problems = list(document.problems)
    try:
        course = Course.model_validate(data)
    except ValidationError as error:
        # What YAML could not read is None in the data: said once, not again as "has no value".
        said = {problem.key for problem in problems}
        found_here = problems_in(error, Course, document.lines)
        problems += [problem for problem in found_here if problem.key not in said]
        raise _invalid(problems, file) from None
    if problems:
        raise _invalid(problems, file)
    return course


def _kind(data: Any) -> str:
    return "list" if isinstance(data, list) else "single value"


def _check_version(data: dict[str, Any], document: Document, file: str) -> None:
    version = data.get("version", VERSIONS[0])  # a missing key is told with the other problems
    if type(version) is int and version in VERSIONS:  # True and 1.0 are equal to 1
        return
    line = line_of(("version",), document.lines)
    readable = ", ".join(map(str, VERSIONS))
    raise UsageError(
        "E-COURSE-VERSION",
        f"{file}:{line}: version: {repr(version)[:40]} is not a version of the course format that"
        f" this tool reads (it reads: {readable})",
        where=f"{file}:{line}",
        remedy="a newer version: update mlops-bootstrap; a slip: write `version: 1`",
    )


def _invalid(problems: list[Problem], file: str) -> UsageError:
    ordered = sorted(set(problems))
    return UsageError(
        "E-COURSE-INVALID",
        "\n".join(problem.at(file) for problem in ordered),
        where=f"{file}:{ordered[0].line}",
        remedy="correct the file; `mlops-bootstrap schema` prints its schema, for editors too",
    )


def _check_locks(loaded: LoadedCourse) -> None:
    locks = (loaded.conda_lock, loaded.requirements)
    if missing := [str(lock) for lock in locks if not lock.is_file()]:
        raise UsageError(
            "E-COURSE-LOCK-MISSING",
            f"the course's lock is not there: {', '.join(missing)}",
            where=str(loaded.path),
            remedy="copy the lock files beside course.yml, or make them: `mlops-bootstrap lock`",
        )
    environment = loaded.course.environment
    check_digest(loaded.conda_lock, environment.conda.sha256)
    check_digest(loaded.requirements, environment.wheels.sha256)

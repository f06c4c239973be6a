"""The locks of a course environment: reading them, and the digest that names a generation.

conda-lock's own models are right but take half a second to import; these readers are for the
commands that must be quick, and a test holds them to what conda-lock reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from bootstrap.course.condalock import CondaPin, read_conda_lock
from bootstrap.course.lockfile import lock_content, lock_error
from bootstrap.course.problems import Problem
from bootstrap.course.requirements import (
    WheelPin,
    marker_environment,
    read_requirements,
    wanted,
)

__all__ = [
    "CondaPin",
    "WheelPin",
    "environment_digest",
    "marker_environment",
    "python_version",
    "read_conda_lock",
    "read_requirements",
    "wanted",
]

_DIGEST_FORMAT = b"mlops-bootstrap environment 1\n"


def environment_digest(conda_lock: Path, requirements: Path) -> str:
    """Give the sha256 that names the environment made from these two files.

    It changes when a byte of either changes, or when a new version of this tool would make another
    environment of the same files. Raises UsageError E-COURSE-LOCK-MISSING.
    """
    digest = hashlib.sha256(_DIGEST_FORMAT)
    for lock in (conda_lock, requirements):
        digest.update(hashlib.sha256(lock_content(lock)).digest())
    return digest.hexdigest()


def python_version(pins: Iterable[CondaPin], conda_lock: Path) -> str:
    """Give the version of Python among the packages of this lock: wheels are chosen for it.

    Raises UsageError E-LOCK-INVALID where there is none.
    """
    for pin in pins:
        if pin.name == "python":
            return pin.version
    problem = Problem(1, "package", "there is no python")
    raise lock_error("E-LOCK-INVALID", conda_lock, [problem])

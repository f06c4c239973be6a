"""Machines for checks to look at: real homes, courses and clones, without an engine."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bootstrap.cli.options import open_session
from bootstrap.core.cancel import Cancel
from bootstrap.verify.areas import all_checks
from bootstrap.verify.check import Check, Finding, Outcome, Result
from bootstrap.verify.run import run
from bootstrap.verify.subject import Subject
from bootstrap.verify.verification import subject_of

SHIPPED = Path(__file__).parents[3] / "envs" / "mlops-zoomcamp"


def course_with(folder: Path, **changes: dict[str, Any]) -> Path:
    """A copy of the shipped course in which keys of these parts are changed."""
    shutil.copytree(SHIPPED, folder)
    file = folder / "course.yml"
    course = yaml.safe_load(file.read_text())
    for part, keys in changes.items():
        course[part].update(keys)
    file.write_text(yaml.safe_dump(course, sort_keys=False))
    return file


@contextlib.contextmanager
def subject_in(
    home: Path,
    course: Path | None = None,
    runtime: str = "native",
    ports: Mapping[str, int] | None = None,
    **environ: str,
) -> Iterator[Subject]:
    """The machine of whoever has this home."""
    variables = {"HOME": str(home), "PATH": os.environ["PATH"], **environ}
    chosen = str(course or SHIPPED / "course.yml")
    moved = tuple((ports or {}).items())
    session = open_session(course=chosen, runtime=runtime, ports=moved, environ=variables)
    with subject_of(session.blueprint, session.view, session.host, Cancel()) as made:
        yield made


def look(subject: Subject, code: str) -> Finding:
    """What one check finds, whatever it requires."""
    (check,) = (check for check in all_checks() if check.code == code)
    return check.look(subject)


def outcomes(subject: Subject, checks: Sequence[Check]) -> dict[str, Outcome]:
    """How the checks end that did not just pass, by code; what others require of them is let be."""
    codes = {check.code for check in checks}
    alone = [c for c in checks if set(c.requires) <= codes]
    return {r.check.code: r.outcome for r in run(alone, subject) if not _fine(r)}


def _fine(result: Result) -> bool:
    return result.outcome in {Outcome.PASSED, Outcome.SKIPPED}


def paste(command: str) -> None:
    """Run a remedy as a person does who pastes it."""
    subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=30)

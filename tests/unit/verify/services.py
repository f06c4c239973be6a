"""A home with an activation file, whose services are those of a test."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bootstrap.machine.blueprint import service_variables
from bootstrap.steps.shell import ShellSetup
from bootstrap.verify.subject import Subject
from tests.unit.jobs import RecordedJob
from tests.unit.verify.subjects import course_with, subject_in


@contextlib.contextmanager
def served_by(home: Path, url: str, service: str = "mlflow", **environ: str) -> Iterator[Subject]:
    """The subject of an activated machine with one of its services at this URL."""
    services = {service: {"port": urlsplit(url).port, "deadline": 5}}
    course = course_with(home / "course", services=services)
    with subject_in(home, course, **environ) as subject:
        ShellSetup(service_variables(subject.runtime)).apply(subject.host, RecordedJob())
        yield subject


def install(subject: Subject, package: str, version: str) -> None:
    """Metadata of a wheel in the environment."""
    metadata = subject.generation.site_packages / f"{package}-{version}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "RECORD").touch()
    (metadata / "INSTALLER").touch()

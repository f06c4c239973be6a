"""Docker Engine as checks ask it: what several of them need is asked once a run."""

from __future__ import annotations

from bootstrap.host.docker_view import Container, Reach
from bootstrap.verify.subject import Subject

PATIENCE_S = 10.0
"""Seconds for an engine to answer a ping; one that is busy takes less than one."""


def reach(subject: Subject) -> Reach:
    """Whether the engine answers."""
    return subject.once("engine", lambda: subject.view.engine.reach(PATIENCE_S))


def containers(subject: Subject) -> tuple[Container, ...]:
    """The containers of the course's services. Raises BootstrapError E-ENGINE, E-ENGINE-LOST."""
    view, project = subject.view, subject.course.name
    return subject.once("containers", lambda: view.engine.containers(project))

"""Taking services down: what goes, and what stays."""

from __future__ import annotations

import shutil

from bootstrap.host.docker_view import Reach
from bootstrap.host.host import HostView
from bootstrap.runtimes.docker.stack import Stack

RUNNING = frozenset({"running", "restarting", "paused"})


def any_runs(stack: Stack, view: HostView) -> bool:
    """Whether a container of these services runs; none does where no engine answers."""
    if view.engine.reach() is not Reach.ANSWERS:
        return False
    return any(c.state in RUNNING for c in view.engine.containers(stack.project))


def what_goes(stack: Stack, view: HostView, *, volumes: bool) -> tuple[str, ...]:
    """Lines that say what `down` removes and what it keeps."""
    containers = view.engine.containers(stack.project)
    kept = view.engine.volumes(stack.project)
    names = ", ".join(sorted(c.service for c in containers)) or "none"
    verb = "deletes" if volumes else "keeps"
    return (f"removes containers: {names}", f"{verb} data: {', '.join(kept) or 'none'}")


def without_data_too(stack: Stack) -> None:
    """Delete the passwords: without the data that they open they are good for nothing."""
    shutil.rmtree(stack.secrets, ignore_errors=True)

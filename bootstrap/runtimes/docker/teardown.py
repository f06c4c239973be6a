"""Taking services down: what goes, and what stays."""

from __future__ import annotations

import shutil

from bootstrap.host.host import HostView
from bootstrap.runtimes.docker.stack import Stack


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

"""What the support bundle is made of."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from typing import Any

from bootstrap.core.errors import BootstrapError
from bootstrap.core.journal import last_runs
from bootstrap.core.plan import make_plan
from bootstrap.host import command as commands
from bootstrap.host.docker_view import Reach
from bootstrap.host.marked_block import block_in
from bootstrap.machine.selection import load_selection
from bootstrap.machine.status import status_of
from bootstrap.report import as_json
from bootstrap.runtimes.docker.image import NAMESPACE
from bootstrap.runtimes.docker.stack import PUBLISHED
from bootstrap.steps.shell import rc_files
from bootstrap.support import facts
from bootstrap.support.part import Part, Scene
from bootstrap.verify.reporting import report_of, verify
from bootstrap.verify.verification import Asked, checks_for, subject_of

RUNS = 5
"""How many of the last runs of the journal: an `up` that was tried again and again."""

LOG_LINES = 500
LOG_SECONDS = 60.0


def _selection(scene: Scene) -> dict[str, Any]:
    return asdict(load_selection(scene.view.paths.config, scene.view.environ))


def _status(scene: Scene) -> dict[str, Any]:
    return as_json.status(status_of(scene.blueprint, scene.view))


def _plan(scene: Scene) -> dict[str, Any]:
    blueprint = scene.blueprint
    return as_json.plan(make_plan(blueprint.steps, scene.view), blueprint.selection.held)


def _verify(scene: Scene) -> dict[str, Any]:
    """All checks but the deep ones; what is personal is taken out with that of the other parts."""
    blueprint, asked = scene.blueprint, Asked()
    with subject_of(blueprint, scene.view, scene.host, scene.cancel) as subject:
        done = verify(subject, checks_for(blueprint.loaded.course, asked), asked)
    return report_of(done, str).document()


def _engine(scene: Scene) -> dict[str, Any]:
    """Why there is none to ask is a finding, too: the native runtime is chosen by it. Nothing that
    containers are given goes in: their passwords are in there."""
    engine = scene.view.engine
    reach = engine.reach()
    said: dict[str, Any] = {"reach": reach.value}
    if reach is Reach.ANSWERS:
        said |= engine.facts()
        said["images"] = [
            {"tags": image.tags, "bytes": image.size, "used": image.used}
            for image in engine.images()
            if any(tag.startswith(NAMESPACE) for tag in image.tags)
        ]
        if not isinstance(scene.drawn, BootstrapError):
            project = scene.drawn.loaded.course.name
            said["containers"] = engine.listed(project)
            said["volumes"] = engine.volumes(project)
    if not isinstance(scene.drawn, BootstrapError):
        said["runtime"] = str(scene.drawn.choice)
    return said


def _journal(scene: Scene) -> list[Any]:
    try:
        return last_runs(scene.view.paths.journal, RUNS)
    except FileNotFoundError as error:
        raise BootstrapError(
            "E-NOT-UP",
            "no run was recorded yet",
            where=str(scene.view.paths.journal),
            remedy="run `mlops-bootstrap up`",
        ) from error


def _shell(scene: Scene) -> str:
    blocks = {file: block_in(file) for file in rc_files(scene.view)}
    return "\n".join(f"{file}\n{block or 'no lines of ours'}" for file, block in blocks.items())


def _log(service: str, scene: Scene) -> str:
    runtime = scene.blueprint.runtime
    if service not in runtime.services:
        return f"not applicable: {runtime.name} runtime"
    asked = runtime.logs(service, str(LOG_LINES), follow=False)
    said = commands.check(replace(asked, deadline=LOG_SECONDS), scene.cancel).output
    return said or "nothing was logged"


PARTS = (
    Part("versions.json", "versions of the tool, engine, Compose, Python and packages; drift",
         facts.versions),
    Part("machine.json", "system, processor, clock and proxies of the machine", facts.machine),
    Part("resources.json", "disk and memory, in all and free", facts.resources),
    Part("selection.json", "the course, source, ports and runtime that were chosen", _selection),
    Part("status.json", "what `mlops-bootstrap status` says", _status),
    Part("plan.json", "what `mlops-bootstrap plan` says", _plan),
    Part("engine.json", "Docker Engine, and our images and containers in it", _engine),
    Part("journal.jsonl", f"the last {RUNS} runs", _journal),
    Part("shell.txt", "our lines in your shell's rc files, and no others", _shell),
    *(
        Part(f"logs/{service}.log", f"the last {LOG_LINES} lines of {service}'s log",
             partial(_log, service))
        for service in PUBLISHED
    ),
    Part("verify.json", "what `mlops-bootstrap verify` finds, made now", _verify, last=True),
)  # fmt: skip

"""Deployment: a model out of MLflow's registry is served, as processes and out of an image."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap.checks import own_names
from bootstrap.core.cancel import Cancel
from bootstrap.host.command import Command
from bootstrap.host.docker_api import Engine
from bootstrap.machine.blueprint import images_of
from bootstrap.machine.inside import environment_inside
from bootstrap.runtimes.docker.image import NAMESPACE
from bootstrap.verify.check import Check, Finding, Outcome, failed, passed
from bootstrap.verify.predictor import APP, STARTS_S, Predictor, ask, predictor
from bootstrap.verify.subject import Subject

LABEL = "mlops-bootstrap.verify"
"""On what a check makes in an engine; its value is when, in seconds since the epoch."""

PORT = 9696
"""Of the predictor in its container."""

MODEL = ("environment.abi", "environment.modules", "tracking.roundtrip")
"""What has to be well for the environment to train the model, and for MLflow to hold it."""

MEMORY = 1 << 30
LISTENING = re.compile(r"Listening at: (http://[\d.]+:\d+)")
LOG_LINES = 6
FREE = "127.0.0.1:0"


def _predictor(subject: Subject) -> Finding:
    made = predictor(subject)
    log = subject.scratch / "predictor.log"
    gunicorn = str(subject.prefix / "bin" / "gunicorn")
    argv = (gunicorn, f"--bind={FREE}", f"--timeout={STARTS_S:.0f}", f"{Path(APP).stem}:app")
    around = {
        **environment_inside(subject.blueprint, subject.view),
        "GUNICORN_CMD_ARGS": "",
        # Where gunicorn makes its control socket, in place of that of a student's own gunicorn.
        "XDG_RUNTIME_DIR": str(made.folder),
    }
    running = subject.host.start(Command(argv, around, made.folder, isolated=True), log)

    def ended() -> str:
        lines = running.last_lines(LOG_LINES)
        return "" if running.code is None else "\n".join(lines) or f"code {running.code}"

    def address() -> str:
        found = LISTENING.search(log.read_text(errors="replace"))
        return found[1] if found else ""

    try:
        finding = ask(made, subject, address, ended)
    finally:
        running.end()
    if finding.outcome is Outcome.PASSED and subject.runtime.name == "native":
        return passed(f"{finding.found}; the lesson's image needs Docker, which is not used here")
    return finding


def _image(subject: Subject) -> Finding:
    base = images_of(subject.course, subject.blueprint.source, subject.generation)[2].local
    if subject.view.engine.image(base) is None:
        return failed(
            f"there is no image {base} to build on",
            wanted="an image that builds from the environment's pins",
            remedy="mlops-bootstrap up",
        )
    made = predictor(subject)
    engine = subject.host.engine
    _discard(engine, left_behind)
    with _built(engine, made, base, subject) as image, _running(engine, image) as container:

        def address() -> str:
            found = engine.container(container)
            return f"http://127.0.0.1:{found.published[0][1]}" if found and found.published else ""

        def ended() -> str:
            found = engine.container(container)
            state = found.state if found else ""
            lines = engine.log_tail(container, LOG_LINES) if state != "running" else ()
            return "" if state == "running" else "\n".join((state, *lines))

        return ask(made, subject, address, ended)


@contextmanager
def _built(engine: Engine, made: Predictor, base: str, subject: Subject) -> Iterator[str]:
    """The predictor's image by its name; it is gone afterwards, with what was built for it."""
    name = f"{NAMESPACE}{own_names.new_name()}:latest"
    now = f"{time.time():.6f}"  # tells what this check made from what others do
    try:
        engine.build(
            made.files,
            tag=name,
            arguments={"BASE": base, "MADE": now},
            labels={LABEL: now},
            cancel=Cancel(),  # it takes a second, and half of it could not be told from another's
            on_line=lambda _: None,
        )
        subject.cancel.check()
        yield name
    finally:
        _discard(engine, lambda when: when == now)


@contextmanager
def _running(engine: Engine, image: str) -> Iterator[str]:
    """A container of the image by its id; it has the image's label."""
    container = engine.run(image, port=PORT, memory=MEMORY)
    try:
        yield container
    finally:
        engine.remove_container(container)


def _discard(engine: Engine, ours: Callable[[str], bool]) -> None:
    """Remove every container and image whose label says that it is ours."""
    for container, when in engine.labelled("containers", LABEL).items():
        if ours(when):
            engine.remove_container(container)
    for image, when in engine.labelled("images", LABEL).items():
        if ours(when):
            engine.delete_image(image)


def left_behind(when: str) -> bool:
    """Whether a check that was killed made it."""
    try:
        return own_names.is_stale(float(when))
    except ValueError:  # no time: nobody is at work on it
        return True


CHECKS = (
    Check(
        "deployment.predictor",
        "Flask and gunicorn serve a model out of MLflow's registry",
        _predictor,
        requires=MODEL,
    ),
    Check(
        "deployment.image",
        "An image of the predictor builds and answers",
        _image,
        requires=("tools.engine", *MODEL),
        docker=True,
    ),
)

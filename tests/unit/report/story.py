"""One run as events, told by hand: what the tests of all renderers show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bootstrap.core.events import (
    Event,
    Failure,
    Outcome,
    RunFinished,
    RunStarted,
    StepFinished,
    StepNote,
    StepProgress,
    StepStarted,
)
from bootstrap.report.choose import Renderer

STEPS = (
    ("packages", "System packages"),
    ("docker-engine", "Docker Engine"),
    ("compose", "Docker Compose"),
    ("environment", "Course environment"),
    ("repository", "Course repository"),
    ("image", "Course image"),
    ("services", "Services"),
    ("health", "Health"),
)

REQUIRES = {
    "docker-engine": frozenset({"packages"}),
    "compose": frozenset[str](),
    "environment": frozenset[str](),
    "image": frozenset({"environment", "docker-engine"}),
    "services": frozenset({"image", "compose"}),
    "health": frozenset({"services"}),
}

DIGEST = Failure(
    "E-DIGEST",
    "the file is not the one that is pinned\npinned  sha256:1f0c…\narrived sha256:9a44…",
    where="https://files.example/mlflow-3.4.0.whl",
    remedy="run `mlops-bootstrap up` again; if it stays, the mirror holds a damaged file",
    log=("fetching mlflow-3.4.0.whl", "\x1b[31mhash mismatch\x1b[0m"),
)


def beginning() -> Iterator[Event]:
    """Up to the middle: some done, two at work, the rest waiting."""
    yield RunStarted(0, "r1", STEPS)
    yield StepFinished(0, "packages", Outcome.SATISFIED, 0.1, "git 2.43, curl 8.5")
    yield StepStarted(0, "docker-engine", "not installed", "28.2.2")
    yield StepNote(0, "docker-engine", "waiting for the apt lock: unattended-upgr (pid 812)")
    yield StepStarted(0, "environment", "none", "mlops-zoomcamp-4be1")
    yield StepStarted(0, "compose", "none", "2.39.1")
    yield StepFinished(0, "docker-engine", Outcome.CHANGED, 4.1, "28.2.2 answers")
    yield StepProgress(0, "environment", "wheels", 131, 292, "packages")
    yield StepProgress(0, "compose", "docker-compose", 12_345_678, 73_400_320, "bytes")


def good_end() -> Iterator[Event]:
    """Everything works."""
    yield StepFinished(0, "compose", Outcome.CHANGED, 3.2, "2.39.1")
    yield StepFinished(0, "environment", Outcome.CHANGED, 41.0, "292 packages")
    yield StepFinished(0, "repository", Outcome.SATISFIED, 0.1, "at 9f3c2d1")
    yield StepFinished(0, "image", Outcome.CHANGED, 12.0, "sha256:77ab")
    yield StepFinished(0, "services", Outcome.CHANGED, 9.0, "4 containers")
    yield StepFinished(0, "health", Outcome.CHANGED, 2.0, "MLflow and Prefect answer")
    yield RunFinished(0, Outcome.CHANGED, 64.4)


def bad_end() -> Iterator[Event]:
    """A wheel is not the pinned one; what needs the environment is not tried."""
    yield StepFinished(0, "compose", Outcome.CHANGED, 3.2, "2.39.1")
    yield StepFinished(0, "environment", Outcome.FAILED, 12.0, "", DIGEST)
    yield StepFinished(0, "repository", Outcome.CHANGED, 2.5, "at 9f3c2d1")
    for step, needs in (("image", "environment"), ("services", "image"), ("health", "services")):
        failure = Failure("E-BLOCKED", f"needs {needs}")
        yield StepFinished(0, step, Outcome.BLOCKED, 0.0, "", failure)
    yield RunFinished(0, Outcome.FAILED, 14.9)


def cut_off(renderer: Renderer, events: Iterable[Event]) -> None:
    """Show events, then end as Ctrl-C does."""
    with renderer:
        for event in events:
            renderer(event)
        raise KeyboardInterrupt

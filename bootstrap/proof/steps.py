"""The trials of a proof, in the order in which they are told; what is independent runs at once."""

from __future__ import annotations

from pathlib import Path

from bootstrap.course.load import LoadedCourse
from bootstrap.proof.imports import Imports
from bootstrap.proof.install import FreshInstall
from bootstrap.proof.record import Recording
from bootstrap.proof.servers import MlflowServer, PrefectServer, PrefectWorker
from bootstrap.proof.tables import Tables
from bootstrap.proof.trial import Trial
from bootstrap.proof.work import Lessons, Models, Orchestration, Tracking
from bootstrap.proof.workplace import Workplace
from bootstrap.sources.source import Source


def proof_steps(
    loaded: LoadedCourse, place: Workplace, source: Source, file: Path
) -> tuple[Trial, ...]:
    """Everything that the locks of this course have to do, and the record of it in this file."""
    course = loaded.course
    deadlines = {name: service.deadline for name, service in course.services.items()}
    mlflow = MlflowServer(place, deadlines["mlflow"])
    prefect = PrefectServer(place, deadlines["prefect"])
    worker = PrefectWorker(place, deadlines["worker"])
    trials: list[Trial] = [FreshInstall(place, source), Imports(place)]
    if course.data:
        trials.append(Tables(place, course.data))
    trials += [
        mlflow,
        prefect,
        worker,
        Tracking(mlflow),
        Models(place, mlflow),
        Orchestration(place, prefect, worker),
    ]
    if lessons := course.environment.lessons:
        trials.append(Lessons(place, loaded.directory / lessons, (mlflow, prefect, worker)))
    return (*trials, Recording(loaded, place.generation, source, trials, file))

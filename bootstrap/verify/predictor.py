"""The predictor of the deployment lesson: made once, from MLflow's registry, served in two ways."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bootstrap.checks.tracking_once import room_for_a_model
from bootstrap.core.writing import writing
from bootstrap.host import web
from bootstrap.inside import INSIDE as COMMON
from bootstrap.verify.check import Finding, failed, passed
from bootstrap.verify.subject import INSIDE, Subject

APP, MODEL, DOCKERFILE = "predict.py", "model", "Dockerfile"

MADE_S = 180.0
"""Seconds to train, register, fetch and remove the model; it takes four."""

STARTS_S = 180.0
"""Seconds from the start to the first answer; importing MLflow takes two."""

BETWEEN_S = 0.2
ANSWERS_S = 10.0
WANTED = "a prediction over HTTP"


@dataclass(frozen=True, slots=True)
class Predictor:
    """The files of the predictor, a ride to ask it about, and the minutes that the model said of it
    before it went to MLflow."""

    folder: Path
    ride: Mapping[str, object]
    minutes: float

    @property
    def files(self) -> tuple[Path, ...]:
        """Everything that an image is built from."""
        return tuple(self.folder / name for name in (DOCKERFILE, APP, MODEL))


def predictor(subject: Subject) -> Predictor:
    """The predictor, with a model that the environment trained, registered in this machine's MLflow
    and fetched from there; in MLflow it is gone again.

    Raises BootstrapError of MLflow, E-VERIFY-INSIDE and others of Subject.ask().
    """
    return subject.once("predictor", lambda: _make(subject))


def _make(subject: Subject) -> Predictor:
    folder = subject.scratch / "predictor"
    with writing(folder):
        folder.mkdir()
        for file, name in (
            (COMMON / "predictor" / APP, APP),
            (INSIDE / "predictor.Dockerfile", DOCKERFILE),
        ):
            shutil.copyfile(file, folder / name)
            (folder / name).chmod(0o644)  # an image keeps the mode, and another user reads it there
    url, sleep = subject.runtime.url("mlflow"), subject.cancel.sleep
    with room_for_a_model(url, deadline_s=MADE_S, sleep=sleep) as room:
        asked = {
            "experiment": room.experiment,
            "name": room.name,
            "fetch": str(COMMON / "fetch_model.py"),
            "folder": str(folder / MODEL),
        }
        told = subject.ask("train_predictor", asked)
    return Predictor(folder, told["ride"], told["prediction"])


def ask(
    made: Predictor, subject: Subject, address: Callable[[], str], ended: Callable[[], str]
) -> Finding:
    """Ask for a prediction as soon as the predictor answers.

    address gives where, empty while that is not known; ended says what became of a predictor that
    has ended, empty while it runs. Raises Interrupted.
    """
    from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

    waiting = Retrying(
        retry=retry_if_result(lambda finding: finding is None),
        stop=stop_after_delay(STARTS_S),
        wait=wait_fixed(BETWEEN_S),
        sleep=subject.cancel.sleep,
    )
    try:
        return cast("Finding", waiting(_asked, made, address, ended))
    except RetryError:
        return failed(f"no answer within {STARTS_S:.0f} s", wanted=WANTED, remedy=REMEDY)


def _asked(made: Predictor, address: Callable[[], str], ended: Callable[[], str]) -> Finding | None:
    """What comes of asking once, None where it does not answer yet."""
    if said := ended():
        return failed(f"the predictor ended: {said}", wanted=WANTED, remedy=REMEDY)
    url = address()
    if not url:
        return None
    try:
        answer = web.ask_json(url, "POST", "/predict", made.ride, timeout=ANSWERS_S)
    except web.RefusalError as error:
        said = f"it answers {error.status}: {error.said[:200]}"
        return failed(said, wanted=WANTED, remedy=REMEDY)
    except OSError:
        return None
    return _compared(answer, made, url)


REMEDY = "mlops-bootstrap verify --only environment --deep  # names what is damaged"


def _compared(answer: object, made: Predictor, url: str) -> Finding:
    predictions = answer.get("predictions") if isinstance(answer, dict) else None
    found = predictions[0] if isinstance(predictions, list) and len(predictions) == 1 else None
    if isinstance(found, float) and math.isclose(found, made.minutes, rel_tol=1e-6):
        return passed(f"{found:.1f} minutes from {url}, by a model out of MLflow's registry")
    return failed(
        f"it predicts {found} where the model says {made.minutes:.1f}",
        wanted=WANTED,
        remedy=REMEDY,
    )

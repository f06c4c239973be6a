"""The predictor of the deployment lesson: made once from the environment, served in two ways."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bootstrap.core.writing import writing
from bootstrap.host import web
from bootstrap.verify.check import Finding, failed, passed
from bootstrap.verify.subject import INSIDE, Subject

FILES = INSIDE / "predictor"
MODEL = "model.bin"
APP, DOCKERFILE = "predict.py", "Dockerfile"

STARTS_S = 180.0
"""Seconds from the start to the first answer; importing what the model needs takes two."""

BETWEEN_S = 0.2
ANSWERS_S = 10.0
WANTED = "a prediction over HTTP"


@dataclass(frozen=True, slots=True)
class Predictor:
    """The files of the predictor, a ride to ask it about, and what the model says of it."""

    folder: Path
    ride: Mapping[str, object]
    duration: float

    @property
    def files(self) -> tuple[Path, ...]:
        """Everything that an image is built from."""
        return tuple(self.folder / name for name in (DOCKERFILE, APP, MODEL))


def predictor(subject: Subject) -> Predictor:
    """The predictor, with a model that the environment trained and pickled.

    Raises BootstrapError E-VERIFY-INSIDE and others of Subject.ask().
    """
    return subject.once("predictor", lambda: _make(subject))


def _make(subject: Subject) -> Predictor:
    folder = subject.scratch / "predictor"
    with writing(folder):
        folder.mkdir()
        for name in (DOCKERFILE, APP):
            shutil.copyfile(FILES / name, folder / name)
    told = subject.ask("train_predictor", {"model": str(folder / MODEL)})
    made = Predictor(folder, told["ride"], told["duration"])
    with writing(folder):
        for file in made.files:
            file.chmod(0o644)  # an image keeps the mode, and another user reads it there
    return made


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
    found = answer.get("duration") if isinstance(answer, dict) else None
    if isinstance(found, float) and math.isclose(found, made.duration, rel_tol=1e-6):
        return passed(f"{found:.1f} minutes from {url}")
    return failed(
        f"it predicts {found} where the model says {made.duration:.1f}",
        wanted=WANTED,
        remedy=REMEDY,
    )

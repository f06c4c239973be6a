from __future__ import annotations

import dataclasses

import pytest

from bootstrap.core.errors import UsageError
from bootstrap.core.events import Failure
from bootstrap.report import clean, text
from bootstrap.report.colour import Paint
from tests.unit.report import story, values

PAINT = Paint(on=True)


def test_plan() -> None:
    assert text.plan(values.PLAN) == (
        "2 steps to do, 1 already as wanted\n"
        "\n"
        "  Docker Engine  not installed -> 28.2.2\n"
        "  Course image   known after Docker Engine -> sha256:77ab"
    )


def test_plan_with_nothing_to_do() -> None:
    assert text.plan(values.NO_CHANGES) == "Nothing to do: 1 step checked, all as wanted."


def test_error_of_several_lines() -> None:
    error = UsageError(
        "E-COURSE-INVALID",
        "course.yml:3: reposetory: no such key\ncourse.yml:9: port: not a number",
        where="course.yml:3",
        remedy="correct the file",
    )
    assert text.error(error) == (
        "E-COURSE-INVALID  course.yml:3: reposetory: no such key\n"
        "          course.yml:9: port: not a number\n"
        "  where   course.yml:3\n"
        "  remedy  correct the file\n"
        "  more    mlops-bootstrap explain E-COURSE-INVALID"
    )


def test_failure_with_log() -> None:
    assert text.failure(story.DIGEST, "Course environment") == (
        "E-DIGEST  Course environment failed: the file is not the one that is pinned\n"
        "          pinned  sha256:1f0c…\n"
        "          arrived sha256:9a44…\n"
        "  where   https://files.example/mlflow-3.4.0.whl\n"
        "  log     fetching mlflow-3.4.0.whl\n"
        "          hash mismatch\n"
        "  remedy  run `mlops-bootstrap up` again; if it stays, the mirror holds a damaged file\n"
        "  more    mlops-bootstrap explain E-DIGEST"
    )


def test_failure_that_says_nothing() -> None:
    assert text.failure(Failure("E-X", "")) == (
        "E-X  no more is known\n  more  mlops-bootstrap explain E-X"
    )


def test_problems_fatal_ones_first() -> None:
    assert text.problems([values.CLOCK, values.DISK]) == (
        "problem  E-DISK  12.0 GB free, 20.0 GB needed\n"
        "  where   /home\n"
        "  remedy  make room\n"
        "  more    mlops-bootstrap explain E-DISK\n"
        "\n"
        "warning  W-CLOCK  the clock is 4 min off\n"
        "  remedy  sudo timedatectl set-ntp on\n"
        "  more    mlops-bootstrap explain W-CLOCK\n"
        "\n"
        "1 problem, 1 warning; nothing was changed"
    )


def test_no_problems() -> None:
    assert text.problems([]) == "The machine meets all requirements."


def test_summary() -> None:
    assert text.summary(values.SUMMARY) == (
        "Ready, 1 min 04 s.\n"
        "\n"
        "  open      MLflow   http://127.0.0.1:5000\n"
        "            Prefect  http://127.0.0.1:4200\n"
        "  activate  mlops-bootstrap shell\n"
        "  to do     log in again, so that your shell may use Docker"
    )


def test_summary_with_nothing_to_do() -> None:
    summary = dataclasses.replace(values.SUMMARY, nothing_to_do=True, todo=(), seconds=0.31)
    assert text.summary(summary).startswith("Nothing to do: all as wanted, 0.3 s.\n")
    bare = text.Summary((), "", (), 0.3, nothing_to_do=True)
    assert text.summary(bare) == "Nothing to do: all as wanted, 0.3 s."


def test_status() -> None:
    assert text.status(values.STATUS) == (
        "course       mlops-zoomcamp\n"
        "lock         4be1c0ffee12\n"
        "environment  complete, 292 packages\n"
        "             /home/s/.local/share/mlops-bootstrap/envs/mlops-zoomcamp-4be1\n"
        "runtime      docker\n"
        "engine       28.2.2 answers\n"
        "repository   at 9f3c2d1\n"
        "services     mlflow    healthy               http://127.0.0.1:5000\n"
        "             prefect   running, not healthy  http://127.0.0.1:4200\n"
        "             postgres  exited"
    )


def test_a_hold_is_said_everywhere() -> None:
    digest = "4be1c0ffee12" + "0" * 52
    said = "at generation 4be1c0ffee12; `mlops-bootstrap update` goes on"
    assert text.plan(values.NO_CHANGES, held=digest).endswith(f"\nThe environment is held {said}.")
    assert text.plan(values.PLAN, held=digest).endswith(f"\n\nThe environment is held {said}.")
    assert f"held      {said}" in text.summary(dataclasses.replace(values.SUMMARY, held=digest))
    status = dataclasses.replace(values.STATUS, generation=digest, previous="f" * 64, held=digest)
    assert text.status(status).split("\n")[2:5] == [
        "generation   4be1c0ffee12",
        f"held         {said}",
        "previous     ffffffffffff",
    ]


def test_drift_is_told_by_name() -> None:
    said = text.status(dataclasses.replace(values.STATUS, drift=values.DRIFT)).split("\n")
    assert said[-6:-3] == [
        "drift        cowsay 6.1 was added by hand",
        "             numpy is 1.26.3, locked is 1.26.4",
        "             openssl 3.0.19-h1_0 is gone",
    ]


@pytest.mark.parametrize(
    ("plain", "painted"),
    [
        (text.status(values.STATUS), text.status(values.STATUS, PAINT)),
        (text.summary(values.SUMMARY), text.summary(values.SUMMARY, PAINT)),
        (text.plan(values.PLAN), text.plan(values.PLAN, PAINT)),
        (text.problems([values.DISK]), text.problems([values.DISK], PAINT)),
    ],
)
def test_colour_changes_no_word(plain: str, painted: str) -> None:
    assert painted != plain
    unpainted = clean.ESCAPES.sub("", painted)
    assert [line.rstrip() for line in unpainted.split("\n")] == plain.split("\n")

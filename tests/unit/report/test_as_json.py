"""The shapes that other programs rely on: a change here is a new version."""

from __future__ import annotations

import dataclasses
import json

from bootstrap.core.errors import LockedError
from bootstrap.report import as_json
from bootstrap.report.codes.explanation import Explanation
from bootstrap.report.text import Elsewhere
from tests.unit.report import values


def test_plan() -> None:
    assert as_json.plan(values.PLAN) == {
        "version": 1,
        "kind": "plan",
        "nothing_to_do": False,
        "held": "",
        "changes": [
            {
                "step": "docker-engine",
                "title": "Docker Engine",
                "found": "not installed",
                "wanted": "28.2.2",
                "known_after": "",
            },
            {
                "step": "image",
                "title": "Course image",
                "found": "",
                "wanted": "sha256:77ab",
                "known_after": "docker-engine",
            },
        ],
        "unchanged": [{"step": "packages", "title": "System packages", "found": "git 2.43"}],
    }


def test_plan_with_nothing_to_do() -> None:
    assert as_json.plan(values.NO_CHANGES)["nothing_to_do"] is True


def test_error() -> None:
    error = LockedError("E-LOCKED", "another run", where="/run/lock", remedy="wait")
    assert as_json.error(error) == {
        "version": 1,
        "kind": "error",
        "code": "E-LOCKED",
        "what": "another run",
        "where": "/run/lock",
        "remedy": "wait",
        "exit_code": 4,
    }


def test_problems() -> None:
    assert as_json.problems([values.CLOCK]) == {
        "version": 1,
        "kind": "problems",
        "fatal": False,
        "problems": [
            {
                "code": "W-CLOCK",
                "what": "the clock is 4 min off",
                "where": "",
                "remedy": "sudo timedatectl set-ntp on",
                "fatal": False,
            }
        ],
    }
    assert as_json.problems([values.CLOCK, values.DISK])["fatal"] is True


def test_summary() -> None:
    assert as_json.summary(values.SUMMARY) == {
        "version": 1,
        "kind": "summary",
        "nothing_to_do": False,
        "held": "",
        "seconds": 64.444,
        "addresses": [
            {"name": "MLflow", "url": "http://127.0.0.1:5000"},
            {"name": "Prefect", "url": "http://127.0.0.1:4200"},
        ],
        "activate": "mlops-bootstrap shell",
        "todo": ["log in again, so that your shell may use Docker"],
    }


def test_status() -> None:
    status = dataclasses.replace(
        values.STATUS,
        services=values.STATUS.services[:2],
        generation="aa",
        previous="bb",
        held="aa",
        drift=values.DRIFT[1:2],
    )
    shown = as_json.status(status)
    assert json.loads(json.dumps(shown)) == {
        "version": 1,
        "kind": "status",
        "healthy": False,
        "course": "mlops-zoomcamp",
        "lock": "4be1c0ffee12",
        "generation": "aa",
        "previous": "bb",
        "held": "aa",
        "drift": [
            {"package": "numpy", "kind": "wheel", "found": "1.26.3", "wanted": "1.26.4"},
        ],
        "environment": {
            "prefix": "/home/s/.local/share/mlops-bootstrap/envs/mlops-zoomcamp-4be1",
            "state": "complete, 292 packages",
        },
        "runtime": "docker",
        "engine": "28.2.2 answers",
        "unheld": [],
        "repository": "at 9f3c2d1",
        "services": [
            {
                "name": "mlflow",
                "state": "running",
                "healthy": True,
                "url": "http://127.0.0.1:5000",
            },
            {
                "name": "prefect",
                "state": "running",
                "healthy": False,
                "url": "http://127.0.0.1:4200",
            },
        ],
        "elsewhere": None,
    }


def test_what_the_other_runtime_has_is_said() -> None:
    other = Elsewhere("native", (), "/home/s/data")
    shown = as_json.status(dataclasses.replace(values.STATUS, elsewhere=other))
    assert shown["elsewhere"] == {"runtime": "native", "running": (), "data": "/home/s/data"}


def test_healthy_needs_a_service() -> None:
    one = dataclasses.replace(values.STATUS, services=values.STATUS.services[:1])
    none = dataclasses.replace(values.STATUS, services=())
    assert as_json.status(one)["healthy"] is True
    assert as_json.status(none)["healthy"] is False


def test_explanation() -> None:
    shown = as_json.explanation("E-X", Explanation("It broke.", ("rust", "age"), "Mend it."))
    assert json.loads(json.dumps(shown)) == {
        "version": 1,
        "kind": "explanation",
        "code": "E-X",
        "meaning": "It broke.",
        "causes": ["rust", "age"],
        "remedy": "Mend it.",
        "see": "",
    }


def test_explanations() -> None:
    assert as_json.explanations([("Runs", "E-X", "It broke.")]) == {
        "version": 1,
        "kind": "explanations",
        "codes": [{"about": "Runs", "code": "E-X", "meaning": "It broke."}],
    }

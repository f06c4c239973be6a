"""The maturity model: what outcomes of checks show of it, and what they never do."""

from __future__ import annotations

import json

import pytest

from bootstrap.verify.areas import all_checks
from bootstrap.verify.check import Outcome
from bootstrap.verify.maturity import (
    LEVELS,
    UNPROVABLE,
    Maturity,
    as_json,
    as_text,
    maturity_of,
)

CODES = {code for level in LEVELS for one in level.capabilities for code in one.checks}

ALL = dict.fromkeys(sorted(CODES), Outcome.PASSED)


def shown(maturity: Maturity) -> set[str]:
    """The capabilities that were shown."""
    findings = (finding for one in maturity.levels for finding in one.findings)
    return {finding.capability.name for finding in findings if not finding.why}


def test_every_check_that_it_names_is_there() -> None:
    missing = CODES - {check.code for check in all_checks()}
    assert not missing, f"no such checks: {', '.join(sorted(missing))}"


def test_levels_are_those_of_the_model() -> None:
    assert [level.number for level in LEVELS] == [0, 1, 2, 3, 4]
    assert all(level.capabilities for level in LEVELS[1:])


def test_one_machine_shows_automated_training_and_claims_no_more() -> None:
    maturity = maturity_of(ALL)
    assert maturity.highest.title == "automated training"
    provable = {one.name for level in LEVELS for one in level.capabilities if one.checks}
    assert shown(maturity) == provable
    unshown = {f.capability.name for one in maturity.levels for f in one.findings if f.why}
    assert "monitoring of released models" in unshown
    assert "retraining on drift" in unshown
    assert "releases compared by A/B tests" in unshown


@pytest.mark.parametrize("code", sorted(CODES))
@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.BLOCKED, Outcome.SKIPPED, None])
def test_a_check_that_did_not_pass_takes_just_what_it_proves(
    code: str, outcome: Outcome | None
) -> None:
    others = {other: result for other, result in ALL.items() if other != code}
    maturity = maturity_of(others | ({code: outcome} if outcome else {}))
    proven_by_it = {
        one.name for level in LEVELS for one in level.capabilities if code in one.checks
    }
    assert shown(maturity_of(ALL)) - shown(maturity) == proven_by_it
    whys = {f.why for one in maturity.levels for f in one.findings} - {"", UNPROVABLE}
    assert whys == {f"{code} {outcome}" if outcome else "not checked"}


@pytest.mark.parametrize(
    ("broken", "highest"),
    [
        ("repository.cloned", 0),
        ("environment.modules", 0),
        ("tracking.roundtrip", 1),
        ("deployment.predictor", 2),
        ("pipelines.local", 2),
    ],
)
def test_a_level_is_reached_only_above_those_below(broken: str, highest: int) -> None:
    assert maturity_of({**ALL, broken: Outcome.FAILED}).highest.number == highest


def test_a_warning_works_and_nothing_checked_shows_nothing() -> None:
    warned = {**ALL, "repository.commit": Outcome.WARNING}
    assert shown(maturity_of(warned)) == shown(maturity_of(ALL))
    assert shown(maturity_of({})) == set()
    assert maturity_of({}).highest.number == 0


def test_text_ties_capabilities_to_checks_and_says_why_not() -> None:
    lines = as_text(maturity_of({**ALL, "tracking.roundtrip": Outcome.FAILED})).splitlines()
    assert lines[0] == "MLOps maturity: shown up to level 1, DevOps but no MLOps"
    assert (
        "  1 DevOps but no MLOps         shown      version control for code:"
        " tools.git, repository.cloned, repository.commit"
    ) in lines
    assert (
        "                                not shown  results of training tracked in one place,"
        " models managed in a registry: tracking.roundtrip failed"
    ) in lines
    unprovable = [line for line in lines if line.endswith(UNPROVABLE)]
    assert len(unprovable) == 2
    assert "not shown  monitoring of released models, retraining on drift," in unprovable[1]


def test_json() -> None:
    told = json.loads(json.dumps(as_json(maturity_of({**ALL, "data.parquet": Outcome.BLOCKED}))))
    assert told["level"] == 0
    assert [one["level"] for one in told["levels"]] == [0, 1, 2, 3, 4]
    first = told["levels"][1]
    assert not first["reached"]
    assert first["capabilities"][0] == {
        "name": "version control for code",
        "shown": True,
        "checks": ["tools.git", "repository.cloned", "repository.commit"],
        "why_not": "",
    }
    assert first["capabilities"][2]["why_not"] == "data.parquet blocked"

"""What a machine was just shown to support of the MLOps maturity model, each by its checks.

The model is Microsoft's "Machine Learning operations maturity model" (Azure Architecture Center,
learn.microsoft.com/en-us/azure/architecture/ai-ml/guide/mlops-maturity-model): five levels, 0 to 4,
with the capabilities of their column "technology" and what "highlights" adds to it, in our words.
What names a product of Azure is left out, and so is what it says of people: it grades
organisations, and a machine can only show that the technology is there and works.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bootstrap.report import text
from bootstrap.report.colour import Paint
from bootstrap.verify.check import Outcome, Result

MODEL = "https://learn.microsoft.com/en-us/azure/architecture/ai-ml/guide/mlops-maturity-model"

UNPROVABLE = "no check on one machine can show it"

WORKS = frozenset({Outcome.PASSED, Outcome.WARNING})


@dataclass(frozen=True, slots=True)
class Capability:
    """Something that a level of the model asks for, and the codes of the checks that prove it
    together; none where that takes more than one machine."""

    name: str
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the model."""

    number: int
    title: str
    capabilities: tuple[Capability, ...] = ()


LEVELS = (
    Level(0, "no MLOps"),
    Level(
        1,
        "DevOps but no MLOps",
        (
            Capability(
                "version control for code",
                ("tools.git", "repository.cloned", "repository.commit"),
            ),
            Capability("automated builds", ("environment.installed",)),
            Capability("automated tests of code", ("environment.modules", "data.parquet")),
        ),
    ),
    Level(
        2,
        "automated training",
        (
            Capability("a managed and traceable environment", ("environment.packages",)),
            Capability(
                "training that runs by itself",
                (
                    "data.model",
                    "orchestration.server",
                    "orchestration.flow",
                    "orchestration.worker",
                    "orchestration.deployment",
                ),
            ),
            Capability(
                "results of training tracked in one place",
                ("tracking.server", "tracking.roundtrip", "tracking.data"),
            ),
            Capability("models managed in a registry", ("tracking.server", "tracking.roundtrip")),
        ),
    ),
    Level(
        3,
        "automated model deployment",
        (
            Capability(
                "a model released without handwork",
                ("tools.engine", "tools.compose", "deployment.image", "security.ports"),
            ),
            Capability("a release tested before it is used", ("deployment.predictor",)),
            Capability(
                "one environment from training to serving",
                ("environment.packages", "deployment.image"),
            ),
            Capability("a release traced back to its data"),
            Capability("releases compared by A/B tests"),
        ),
    ),
    Level(
        4,
        "full automation",
        (
            Capability("training and tests in one pipeline", ("pipelines.local",)),
            Capability("monitoring of released models"),
            Capability("retraining on drift"),
            Capability("promotion of models by policy"),
            Capability("next to no downtime"),
        ),
    ),
)
"""The model, and what of it the checks of `verify` can show."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A capability and why it was not shown; why is empty where it was."""

    capability: Capability
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """A level with what was found of its capabilities. It is reached where all of them, and all
    those of the levels below, were shown."""

    level: Level
    findings: tuple[Finding, ...]
    reached: bool


@dataclass(frozen=True, slots=True)
class Maturity:
    """What was shown of the model, its levels from the lowest up."""

    levels: tuple[Reached, ...]

    @property
    def highest(self) -> Level:
        """The highest level that was reached; level 0 always is."""
        return [one.level for one in self.levels if one.reached][-1]


def maturity_of(results: Mapping[str, Outcome]) -> Maturity:
    """What the outcomes of checks, by code, show of the model. What was not checked shows nothing,
    and what did not apply shows nothing either."""
    levels: list[Reached] = []
    for level in LEVELS:
        findings = tuple(Finding(one, _why_not(one, results)) for one in level.capabilities)
        whole = not any(finding.why for finding in findings)
        levels.append(Reached(level, findings, whole and all(below.reached for below in levels)))
    return Maturity(tuple(levels))


def of_results(results: Iterable[Result]) -> Maturity:
    """The same of a run's results."""
    return maturity_of({result.check.code: result.outcome for result in results})


def _why_not(capability: Capability, results: Mapping[str, Outcome]) -> str:
    if not capability.checks:
        return UNPROVABLE
    found = {code: results[code] for code in capability.checks if code in results}
    short = [f"{code} {outcome}" for code, outcome in found.items() if outcome not in WORKS]
    if short:
        return ", ".join(short)
    return "" if len(found) == len(capability.checks) else "not checked"


def as_text(maturity: Maturity, paint: Paint = text.PLAIN) -> str:
    """For the end of `verify`: a line for each capability that was shown, with its checks, and one
    for each reason why others were not."""
    highest = maturity.highest
    head = f"MLOps maturity: shown up to level {highest.number}, {highest.title}"
    pairs = [pair for one in maturity.levels for pair in _lines(one, paint)]
    return "\n".join([paint.bold(head), "", *text.columns(pairs)])


def _lines(one: Reached, paint: Paint) -> list[tuple[str, str]]:
    name = f"{one.level.number} {one.level.title}"
    missing: dict[str, list[str]] = {}
    lines = []
    for finding in one.findings:
        capability = finding.capability
        if finding.why:
            missing.setdefault(finding.why, []).append(capability.name)
        else:
            by = paint.dim(", ".join(capability.checks))
            lines.append((name, f"{paint.good('shown')}      {capability.name}: {by}"))
    for why, names in missing.items():
        lines.append((name, f"not shown  {', '.join(names)}: {paint.dim(why)}"))
    return lines


def as_json(maturity: Maturity) -> dict[str, Any]:
    """The part `maturity` of a report."""
    return {
        "model": MODEL,
        "level": maturity.highest.number,
        "levels": [
            {
                "level": one.level.number,
                "title": one.level.title,
                "reached": one.reached,
                "capabilities": [
                    {
                        "name": finding.capability.name,
                        "shown": not finding.why,
                        "checks": list(finding.capability.checks),
                        "why_not": finding.why,
                    }
                    for finding in one.findings
                ],
            }
            for one in maturity.levels
        ],
    }

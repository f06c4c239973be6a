"""The catalogue of codes: what `mlops-bootstrap explain CODE` prints and docs/errors.md lists.

`python -m bootstrap.report.catalogue > docs/errors.md` writes the page.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bootstrap.core.errors import UsageError
from bootstrap.report import as_json as json_report
from bootstrap.report import text
from bootstrap.report.codes import (
    course,
    exports,
    generations,
    images,
    locking,
    machine,
    proof,
    registries,
    requirements,
    run,
    services,
    sources,
    verify,
)
from bootstrap.report.codes.checks import PARTS as CHECKS
from bootstrap.report.codes.explanation import Explanation
from bootstrap.report.colour import Paint

Codes = Mapping[str, Explanation]

PARTS: Mapping[str, Codes] = {
    "Runs and commands": run.CODES,
    "Courses": course.CODES,
    "Making locks": locking.CODES,
    "Exports": exports.CODES,
    "Images": images.CODES,
    "Environments": generations.CODES,
    "Requirements of the machine": requirements.CODES,
    "Downloads": sources.CODES,
    "Registries": registries.CODES,
    "The machine": machine.CODES,
    "Services": services.CODES,
    "Proof of a lock": proof.CODES,
    "Verification": verify.CODES,
    **{f"Checks: {next(iter(part)).partition('.')[0]}": part for part in CHECKS if part},
}
"""All codes by what they are about, in the order in which they are listed."""

CATALOGUE: Mapping[str, Explanation] = {
    code: part[code]
    for code, part in sorted(
        ((code, part) for part in PARTS.values() for code in part), key=lambda found: found[0]
    )
}

PREAMBLE = """# Error codes

<!-- Made by `python -m bootstrap.report.catalogue > docs/errors.md`; do not edit. -->

Every error and warning of mlops-bootstrap carries a code. `mlops-bootstrap explain CODE` prints
what stands here. `E-` codes are errors, `W-` codes are warnings; a code with a dot is a check of
`mlops-bootstrap verify`.
"""


def explain(code: str) -> Explanation:
    """What a code means, in capitals or not. Raises UsageError (E-CODE-UNKNOWN)."""
    wanted = _spelled(code)
    if wanted in CATALOGUE:
        return CATALOGUE[wanted]
    near = difflib.get_close_matches(wanted, CATALOGUE, n=3, cutoff=0.5)
    raise UsageError(
        "E-CODE-UNKNOWN",
        f"there is no code {code!r}",
        remedy=f"did you mean {' or '.join(near)}?" if near else "docs/errors.md lists all codes",
    )


def as_text(code: str, paint: Paint = text.PLAIN) -> str:
    """A code's explanation for a terminal. Raises UsageError (E-CODE-UNKNOWN)."""
    explanation = explain(code)
    pairs = [("causes", cause) for cause in explanation.causes]
    if see := how_to_see(_spelled(code)):
        pairs.append(("to see it", paint.link(see)))
    pairs.append(("remedy", paint.bold(explanation.remedy)))
    head = f"{paint.bold(_spelled(code))}  {explanation.meaning}"
    return "\n".join([head, "", *text.columns(pairs)])


def all_as_text(paint: Paint = text.PLAIN) -> str:
    """Every code with its meaning, a line each, below what it is about."""
    lines: list[str] = []
    for title, codes in PARTS.items():
        pairs = [(code, codes[code].meaning) for code in sorted(codes)]
        lines += [paint.bold(title), *text.columns(pairs), ""]
    return "\n".join([*lines, "`mlops-bootstrap explain CODE` says more about one."])


def how_to_see(code: str) -> str:
    """The command that shows what a code of the catalogue says, empty where there is none."""
    return seen(code, CATALOGUE[code])


def seen(code: str, explanation: Explanation) -> str:
    """The same for an explanation: a check that names no command is seen by `verify`."""
    area, dot, _ = code.partition(".")
    return explanation.see or (f"mlops-bootstrap verify --only {area}" if dot else "")


def as_json(code: str | None) -> dict[str, Any]:
    """A code's explanation, or every code with its meaning, as a JSON object.

    Raises UsageError (E-CODE-UNKNOWN).
    """
    if code is not None:
        spelled, explanation = _spelled(code), explain(code)
        found = json_report.explanation(spelled, replace(explanation, see=how_to_see(spelled)))
    else:
        listed = ((t, c, e.meaning) for t, codes in PARTS.items() for c, e in codes.items())
        found = json_report.explanations(listed)
    return found


def _spelled(code: str) -> str:
    """A code as the catalogue spells it: errors in capitals, checks (`tools.git`) in small."""
    return code.strip().lower() if "." in code else code.strip().upper()


def as_markdown() -> str:
    """The page of all codes."""
    parts = [PREAMBLE]
    for code, explanation in CATALOGUE.items():
        causes = "\n".join(f"- {cause}" for cause in explanation.causes)
        see = f"**To see it:** `{shown}`\n\n" if (shown := how_to_see(code)) else ""
        parts.append(
            f"## {code}\n\n{explanation.meaning}\n\nUsual causes:\n\n{causes}\n\n{see}"
            f"**What to do:** {explanation.remedy}\n"
        )
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(as_markdown())

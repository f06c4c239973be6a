"""The catalogue of codes: what `mlops-bootstrap explain CODE` prints and docs/errors.md lists.

`python -m bootstrap.report.catalogue > docs/errors.md` writes the page.
"""

from __future__ import annotations

import difflib
import sys

from bootstrap.core.errors import UsageError
from bootstrap.report import text
from bootstrap.report.codes import (
    course,
    exports,
    generations,
    locking,
    machine,
    proof,
    requirements,
    run,
    services,
    sources,
    verify,
)
from bootstrap.report.codes.checks import PARTS as CHECKS
from bootstrap.report.codes.explanation import Explanation
from bootstrap.report.colour import Paint

PARTS = (
    run.CODES,
    course.CODES,
    locking.CODES,
    exports.CODES,
    generations.CODES,
    requirements.CODES,
    sources.CODES,
    machine.CODES,
    services.CODES,
    proof.CODES,
    verify.CODES,
    *CHECKS,
)

CATALOGUE: dict[str, Explanation] = {
    code: part[code]
    for code, part in sorted(
        ((code, part) for part in PARTS for code in part), key=lambda found: found[0]
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
    pairs.append(("remedy", paint.bold(explanation.remedy)))
    head = f"{paint.bold(_spelled(code))}  {explanation.meaning}"
    return "\n".join([head, "", *text.columns(pairs)])


def _spelled(code: str) -> str:
    """A code as the catalogue spells it: errors in capitals, checks (`tools.git`) in small."""
    return code.strip().lower() if "." in code else code.strip().upper()


def as_markdown() -> str:
    """The page of all codes."""
    parts = [PREAMBLE]
    for code, explanation in CATALOGUE.items():
        causes = "\n".join(f"- {cause}" for cause in explanation.causes)
        parts.append(
            f"## {code}\n\n{explanation.meaning}\n\nUsual causes:\n\n{causes}\n\n"
            f"**What to do:** {explanation.remedy}\n"
        )
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(as_markdown())

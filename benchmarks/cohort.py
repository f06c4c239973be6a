"""`cohort`: a thousand reports of a class, counted and written as a page and a sheet."""

from __future__ import annotations

import json
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.measured import Measured, Series, Target
from benchmarks.timing import TOOL, environment, in_turns, seconds
from bootstrap.verify.check import Area, Outcome
from tests.unit.verify.reports import check, report

STUDENTS, CHECKS_AN_AREA, LIMIT = 1000, 6, 2
TEXT, FILES = "cohort of 1000 reports", "the same with --html and --csv"


def measure(count: int) -> Measured:
    with tempfile.TemporaryDirectory(prefix="mlops-bench-cohort-") as name:
        folder = Path(name)
        reports = write_class(folder / "class", STUDENTS)
        environ = environment(HOME=name)
        words = (TOOL, "cohort", reports)
        files = ("--html", folder / "class.html", "--csv", folder / "class.csv")
        runs = in_turns(
            count,
            {
                TEXT: partial(seconds, words, environ),
                FILES: partial(seconds, (*words, *files), environ),
            },
        )
    text, written = (Series(what, taken) for what, taken in runs.items())
    targets = (
        Target("1000 reports, median < 2 s", LIMIT, text.median),
        Target("and with both files < 2 s", LIMIT, written.median),
    )
    notes = (f"{CHECKS_AN_AREA * len(Area)} checks a report, a tenth of them amiss",)
    return Measured("cohort", (text, written), targets, notes)


def write_class(folder: Path, students: int) -> Path:
    """Reports of a class in which every tenth check of a student failed, was blocked or warned."""
    folder.mkdir()
    codes = [f"{area}.check-{n}" for area in Area for n in range(CHECKS_AN_AREA)]
    amiss = (Outcome.FAILED, Outcome.BLOCKED, Outcome.WARNING)
    for student in range(students):
        checks = [
            check(code, amiss[n % 3] if (n * 7 + student) % 10 == 0 else Outcome.PASSED)
            for n, code in enumerate(codes)
        ]
        made = report(*checks, seconds=5 + student % 17)
        (folder / f"student-{student:04}.json").write_text(json.dumps(made.document(), indent=1))
    return folder

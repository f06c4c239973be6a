"""A class as CSV for spreadsheets: a row a student, a column a check."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from bootstrap.report import clean
from bootstrap.report.checks.values import OUTCOMES

FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula; some take the full-width forms too."""


def sheet(class_: Mapping[str, Any]) -> bytes:
    """The CSV file, in UTF-8 with the mark that spreadsheets know it by."""
    codes = [check["code"] for check in class_["checks"]]
    about = ("signature", "packages", "runtime", "distribution", "arch", "when", "seconds")
    written = io.StringIO()
    out = csv.writer(written)
    out.writerow(map(_cell, ["student", *OUTCOMES, *about, *codes]))
    for student in class_["students"]:
        outcomes = student["outcomes"]
        counts = [list(outcomes.values()).count(outcome) for outcome in OUTCOMES]
        row = [student["student"], *counts, *(student[name] for name in about)]
        out.writerow(map(_cell, [*row, *(outcomes.get(code, "") for code in codes)]))
    return written.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    """Text as one line that is no formula: a quote before it says that it is text."""
    if not isinstance(value, str):
        return value
    line = clean.line(value)
    return f"'{line}" if line.startswith(FORMULA) else line

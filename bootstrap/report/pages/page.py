"""Templates filled in: a report, or a cohort, as a page of HTML."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bootstrap.report import clean, units
from bootstrap.report.checks.values import OUTCOMES, WORDS, tally
from bootstrap.report.cohort.text import package_words

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

HERE = Path(__file__).parent

MARKS = {"failed": "✗", "blocked": "○", "warning": "!", "passed": "✓", "skipped": "-"}
"""Beside the words for outcomes, so that nobody has to tell them apart by colour."""


def report_page(report: Mapping[str, Any]) -> bytes:
    """The page of one report, given as its JSON object."""
    worst_first = sorted(report["checks"], key=lambda check: OUTCOMES.index(check["outcome"]))
    outcomes = [check["outcome"] for check in report["checks"]]
    return _filled("report.html", report=report, checks=worst_first, counts=tally(outcomes))


def cohort_page(class_: Mapping[str, Any]) -> bytes:
    """The page of a class, given as its JSON object."""
    amiss = [c for c in class_["checks"] if c["failed"] or c["blocked"] or c["warning"]]
    counts = {}
    for student in class_["students"]:
        outcomes = list(student["outcomes"].values())
        counts[student["student"]] = {name: outcomes.count(name) for name in OUTCOMES}
    return _filled("cohort.html", class_=class_, amiss=amiss, counts=counts)


def _filled(template: str, **values: Any) -> bytes:
    """The template with its values; names of files may hold what UTF-8 cannot."""
    return _environment().get_template(template).render(values).encode("utf-8", "replace")


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def cleaned(value: object) -> object:
        """Reports of others may hold control characters, and marks that turn text around."""
        plain = isinstance(value, str) and not isinstance(value, Markup)
        return clean.line(str(value)) if plain else value

    made = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=cleaned,
    )
    style, script = ((HERE / name).read_text() for name in ("page.css", "page.js"))
    made.globals |= {
        "style": Markup(style),  # noqa: S704 - a file of ours
        "script": Markup(script),  # noqa: S704 - a file of ours
        "style_hash": _hash(style),
        "script_hash": _hash(script),
        "words": WORDS,
        "marks": MARKS,
        "cells": _cells(),
    }
    made.filters |= {
        "duration": units.duration,
        "size": units.size,
        "pasted": lambda text: Markup("\n").join(clean.lines(text)),
        "packages": package_words,
    }
    return made


def _cells() -> dict[str | None, Markup]:
    """A cell of the big table for each outcome, and an empty one: made once, used 50,000 times."""
    from markupsafe import Markup

    cell = Markup('<td class="{}">{}<span class="unseen">{}</span></td>')
    cells: dict[str | None, Markup] = {
        name: cell.format(name, MARKS[name], WORDS[name]) for name in OUTCOMES
    }
    return {**cells, None: Markup("<td></td>")}


def _hash(text: str) -> str:
    """What a Content-Security-Policy knows an inline style or script by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"

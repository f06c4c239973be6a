"""What `verify` found, as text for people: by area, and for what is amiss what to do."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from bootstrap.report import clean, text, units
from bootstrap.report.checks.values import WORDS, Result, tally
from bootstrap.report.colour import Paint

TOOK_FROM = 0.1
"""Seconds from which a duration is worth a word."""

NARROWEST = 20
"""Columns that the words of a finding get at least."""


def table(
    results: Sequence[Result], seconds: float, paint: Paint = text.PLAIN, width: int | None = None
) -> str:
    """All results by area and how many ended in which way; seconds is what they took together.

    What passed has a line each, cropped to the width (in columns) where one is given.
    """
    if not results:
        return "Nothing to check."
    codes = max(len(result.code) for result in results)
    parts = []
    for area, of_area in itertools.groupby(results, key=lambda result: result.area):
        lines = [line for result in of_area for line in _lines(result, codes, paint, width)]
        parts.append("\n".join([paint.bold(area), *lines]))
    return "\n\n".join([*parts, _summary(results, seconds, paint)])


def _lines(result: Result, codes: int, paint: Paint, width: int | None) -> list[str]:
    found = clean.lines(result.found)
    took = units.duration(result.seconds) if result.seconds >= TOOK_FROM else ""
    word = _painted(result.outcome, f"{result.outcome:<7}", paint)
    before = f"  {word}  {result.code:<{codes}}  "
    amiss = result.outcome in {"failed", "warning"}
    room = None if width is None or amiss else width - (codes + 13) - len(took) - 2
    head = f"{before}{_cropped(found[0] if found else '', room)}"
    lines = [f"{head}  {paint.dim(took)}" if took else head]
    return [*lines, *(_advice(result, found[1:], paint) if amiss else [])]


def _advice(result: Result, more: list[str], paint: Paint) -> list[str]:
    """What was wanted and what to do. The remedy is never broken: it is there to be pasted."""
    pairs = [("", line) for line in more]
    pairs += [("wanted", line) for line in clean.lines(result.wanted)]
    pairs += [("remedy", paint.bold(line)) for line in clean.lines(result.remedy)]
    if result.modules:
        pairs.append(("modules", ", ".join(map(str, result.modules))))
    explained = result.error or result.code
    pairs.append(("more", paint.link(f"mlops-bootstrap explain {explained}")))
    return text.columns(pairs, indent=" " * 11)


def _summary(results: Sequence[Result], seconds: float, paint: Paint) -> str:
    counted = tally([result.outcome for result in results])
    words = [_painted(name, f"{number} {WORDS[name]}", paint) for number, name in counted]
    return f"{', '.join(words)}  {paint.dim(units.duration(seconds))}"


def _painted(outcome: str, words: str, paint: Paint) -> str:
    styles = {
        "passed": paint.good,
        "failed": paint.bad,
        "blocked": paint.careful,
        "warning": paint.careful,
    }
    return styles.get(outcome, paint.dim)(words)


def _cropped(line: str, room: int | None) -> str:
    if room is None or len(line) <= max(room, NARROWEST):
        return line
    return f"{line[: max(room, NARROWEST) - 3]}..."

"""A class as text for a terminal: what fails for how many, whose packages differ, who is slow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bootstrap.core.listing import first_few
from bootstrap.report import clean, text, units
from bootstrap.report.colour import Paint

NAMED = 8
"""Students named in a line; the pages and `--json` name all."""

VERBS = {"failed": "fail", "blocked": "blocked at", "warning": "warned by"}
"""What stands between how many and the check."""

PACKAGES = {
    "drifted": "differ from the lock",
    "other": "are of another lock, or differ",
    "none": "are not installed in full",
}
"""How packages can stand to those of the class, where they are not the same."""


def cohort(class_: Mapping[str, Any], paint: Paint = text.PLAIN) -> str:
    """The whole class in a screen or two."""
    students = class_["students"]
    head = f"{text.count(class_['reports'], 'report')} of {class_['course']['name']}"
    parts = [
        paint.bold(clean.line(head)),
        *_checks(class_["checks"], paint),
        *_packages(class_, paint),
        *_signatures(students, paint),
        _slowest(class_["slowest"], paint),
    ]
    return "\n\n".join(part for part in parts if part)


def warnings(left_out: Sequence[Mapping[str, str]], paint: Paint = text.PLAIN) -> str:
    """The files that were left out, a line each with its code."""
    lines = [
        f"{paint.careful(one['code'])}  {clean.line(one['file'])}: {clean.line(one['why'])}"
        for one in left_out
    ]
    return "\n".join(lines)


def _checks(checks: Sequence[Mapping[str, Any]], paint: Paint) -> list[str]:
    """A block for each way in which checks ended amiss, the most frequent first."""
    parts = []
    for outcome, verb in VERBS.items():
        rows = sorted((c for c in checks if c[outcome]), key=lambda c: -len(c[outcome]))
        if rows:
            counts = [f"{len(c[outcome])} of {c['looked']} {verb}" for c in rows]
            codes = [clean.line(c["code"]) for c in rows]
            wide, long = max(map(len, counts)), max(map(len, codes))
            painted = paint.bad if outcome == "failed" else paint.careful
            lines = [
                f"{painted(count.rjust(wide))}  {code:<{long}}  {names(check[outcome])}"
                for count, code, check in zip(counts, codes, rows, strict=True)
            ]
            parts.append("\n".join(lines))
    well = sum(not any(check[outcome] for outcome in VERBS) for check in checks)
    return [*parts, paint.good(f"{text.count(well, 'check')} with nothing amiss")]


def _packages(class_: Mapping[str, Any], paint: Paint) -> list[str]:
    differing = [s for s in class_["students"] if s["packages"] != "same"]
    if not differing:
        return [paint.good("all have the same packages")]
    whose = "the lock" if class_["fingerprint_from"] == "lock" else "most of the class"
    lines = [f"packages that are not those of {whose} ({class_['fingerprint'][:12] or 'none'})"]
    pairs = [(clean.line(s["student"]), package_words(s)) for s in differing]
    return ["\n".join([paint.careful(lines[0]), *text.columns(pairs)])]


def package_words(student: Mapping[str, Any]) -> str:
    """How the packages of a student differ, as far as that is known."""
    said = first_few(map(_drifted, student["drift"]), NAMED)
    words = PACKAGES[student["packages"]]
    return clean.line(f"{words}: {', '.join(said)}" if said else words)


def _drifted(one: Mapping[str, str]) -> str:
    if not one["wanted"]:
        return f"{one['package']} {one['found']} was added by hand"
    if not one["found"]:
        return f"{one['package']} {one['wanted']} is gone"
    return f"{one['package']} is {one['found']}, locked is {one['wanted']}"


def _signatures(students: Sequence[Mapping[str, Any]], paint: Paint) -> list[str]:
    by_state: dict[str, list[str]] = {}
    for student in students:
        by_state.setdefault(student["signature"], []).append(student["student"])
    order = {"invalid": paint.bad, "missing": paint.careful, "unchecked": paint.careful}
    pairs = []
    for state in ("valid", *order):
        if found := by_state.get(state):
            whose = names(found) if state != "valid" and len(found) < len(students) else ""
            pairs.append((state, f"{len(found)}  {whose}".rstrip()))
    if len(pairs) == 1 and pairs[0][0] == "missing":
        return [paint.dim("no report is signed")]
    return ["\n".join(["signatures", *text.columns(pairs)])]


def _slowest(slowest: Sequence[Mapping[str, Any]], paint: Paint) -> str:
    pairs = []
    for one in slowest:
        whole, part = units.duration(one["seconds"]), units.duration(one["check_seconds"])
        words = f"{whole}, of that {part} {clean.line(one['check'])}"
        pairs.append((clean.line(one["student"]), words))
    return "\n".join([paint.bold("slowest"), *text.columns(pairs)])


def names(students: Iterable[str]) -> str:
    """Names, the first few where there are many."""
    return ", ".join(first_few(map(clean.line, students), NAMED))

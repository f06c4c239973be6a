"""A report of `verify` as Markdown for a job's summary: what is amiss, and what to do about it."""

import html
import json
import sys
from pathlib import Path
from typing import Any

AMISS = ("failed", "blocked", "warning")
"""The outcomes that are worth a row, the most pressing first."""


def summary(report: dict[str, Any]) -> str:
    """The Markdown for a report as `verify --report` writes it."""
    counted = ", ".join(f"{count} {name}" for name, count in report["counts"].items() if count)
    course = report["course"]
    head = f"### {_text(course['title'])}: {counted}\n\nLocks `{course['lock']}`\n"
    amiss = [check for name in AMISS for check in report["checks"] if check["outcome"] == name]
    if not amiss:
        return head
    table = ("| outcome | check | found | wanted | remedy |", "|---|---|---|---|---|")
    return "\n".join([head, *table, *map(_row, amiss)]) + "\n"


def _row(check: dict[str, Any]) -> str:
    code, remedy = (f"<code>{_text(check[key])}</code>" for key in ("code", "remedy"))
    cells = (check["outcome"], code, _text(check["found"]), _text(check["wanted"]))
    return f"| {' | '.join(cells)} | {remedy if check['remedy'] else ''} |"


def _text(value: str) -> str:
    """A value as text in a cell of a table, where it means nothing else."""
    value = html.escape(value)
    for sign in "\\`*_[]|~":
        value = value.replace(sign, f"&#{ord(sign)};")
    return value.replace("\n", "<br>")


if __name__ == "__main__":
    sys.stdout.write(summary(json.loads(Path(sys.argv[1]).read_text())))

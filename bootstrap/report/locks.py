"""What `lock` says: the changes of a lock, or what in it does not answer the specification."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from bootstrap.report.as_json import head
from bootstrap.report.colour import Paint
from bootstrap.report.table import table
from bootstrap.report.text import PLAIN, columns, count
from bootstrap.report.units import size


class Change(Protocol):
    """One package that differs between two locks; old or new is empty where it is not in one."""

    @property
    def package(self) -> str:
        """Its name, with the platform where that matters."""

    @property
    def old(self) -> str:
        """Version before."""

    @property
    def new(self) -> str:
        """Version now."""

    @property
    def why(self) -> str:
        """Who asks for it."""


class Finding(Protocol):
    """One thing in which a lock does not answer its specification."""

    @property
    def where(self) -> str:
        """file:line that asks."""

    @property
    def what(self) -> str:
        """What is so."""


def made(
    changes: Sequence[Change],
    sizes: Mapping[str, Mapping[str, int]],
    written: Iterable[str],
    *,
    width: int | None = None,
    paint: Paint = PLAIN,
) -> str:
    """What a new lock changes, how much a machine downloads for it, and what was written."""
    parts = []
    if changes:
        rows = [(one.package, one.old or "-", one.new or "-", one.why) for one in changes]
        parts += [table(("package", "old", "new", "why"), rows, width), ""]
    summary = f"{count(len(changes), 'package')} changed" if changes else "No package changed"
    parts.append(paint.bold(f"{summary}."))
    pairs = [
        ("download", f"{size(total):>9}  {part} for {platform}")
        for part, by_platform in sizes.items()
        for platform, total in by_platform.items()
    ]
    pairs += [("written", path) for path in written]
    return "\n".join([*parts, *columns(pairs)])


def made_json(
    changes: Sequence[Change], sizes: Mapping[str, Mapping[str, int]], written: Iterable[str]
) -> dict[str, Any]:
    """The same for programs."""
    return {
        **head("lock"),
        "changes": [
            {"package": one.package, "old": one.old, "new": one.new, "why": one.why}
            for one in changes
        ],
        "download_bytes": {part: dict(by_platform) for part, by_platform in sizes.items()},
        "written": list(written),
    }


class Proven(Protocol):
    """The record of a proof: of which locks it is, and of which of them not."""

    @property
    def date(self) -> str:
        """When it was proven (RFC 3339)."""

    @property
    def arch(self) -> str:
        """On what architecture."""

    @property
    def same(self) -> tuple[str, ...]:
        """Names of the locks that are as they were then."""

    @property
    def other(self) -> tuple[str, ...]:
        """Names of the locks that are others now."""


def checked(findings: Sequence[Finding], proven: Proven | None, *, paint: Paint = PLAIN) -> str:
    """Whether the locks answer their specifications, where they do not, and what is proven."""
    if not findings:
        good = paint.good("The locks answer their specifications.")
        return "\n".join([good, *columns([("proof", _proof(proven))])])
    lines = [f"{one.where}: {one.what}" for one in findings]
    head_line = f"{count(len(findings), 'difference')} between the specifications and their locks"
    remedy = f"remedy  {paint.bold('mlops-bootstrap lock')}"
    return "\n".join([paint.bad(head_line), *(f"  {line}" for line in lines), f"  {remedy}"])


def _proof(proven: Proven | None) -> str:
    if proven is None or not proven.same:
        return "none of these locks: `mlops-bootstrap lock prove` makes one"
    but = f", with another {' and '.join(proven.other)}" if proven.other else ""
    return f"{proven.date} on {proven.arch}{but}"


def checked_json(findings: Sequence[Finding], proven: Proven | None) -> dict[str, Any]:
    """The same for programs."""
    found = [{"where": one.where, "what": one.what} for one in findings]
    proof = proven and {
        "date": proven.date,
        "arch": proven.arch,
        "same": list(proven.same),
        "other": list(proven.other),
    }
    return {**head("lock-check"), "answers": not findings, "findings": found, "proof": proof}

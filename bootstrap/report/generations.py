"""What `update`, `rollback` and `gc` say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from bootstrap.report.as_json import head
from bootstrap.report.colour import Paint
from bootstrap.report.table import table
from bootstrap.report.text import PLAIN, Difference, columns, count, generation, held_at
from bootstrap.report.units import size


class Update(Protocol):
    """What an update changes: old and new are digests, packages what differs between them, lost
    what was added by hand to the old environment and is not in the new one."""

    @property
    def old(self) -> str:
        """The generation in use."""

    @property
    def new(self) -> str:
        """The generation of the course's locks."""

    @property
    def packages(self) -> Sequence[Difference]:
        """What differs between them."""

    @property
    def lost(self) -> Sequence[Difference]:
        """What was added by hand."""


class Item(Protocol):
    """Something that nothing uses, and the bytes that its removal frees."""

    @property
    def what(self) -> str:
        """Its kind."""

    @property
    def name(self) -> str:
        """Its path or name."""

    @property
    def size(self) -> int:
        """Bytes."""


def update(update: Update, width: int | None = None, paint: Paint = PLAIN) -> str:
    """The package changes as a table; width is that of the terminal, None for no terminal."""
    way = f"generation {generation(update.old)} -> {generation(update.new)}"
    parts = [paint.bold(f"{count(len(update.packages), 'package')} will change, {way}")]
    if update.packages:
        rows = [(p.package, p.kind, p.found or "-", p.wanted or "-") for p in update.packages]
        parts += ["", table(("package", "kind", "old", "new"), rows, width)]
    if update.lost:
        names = ", ".join(f"{one.package} {one.found}" for one in update.lost)
        parts += ["", f"Added by hand and not in the new environment: {names}"]
    return "\n".join([*parts, ""])


def update_json(update: Update) -> dict[str, Any]:
    """The same for programs."""
    return {
        **head("update"),
        "from": update.old,
        "to": update.new,
        "packages": [
            {"package": p.package, "kind": p.kind, "old": p.found, "new": p.wanted}
            for p in update.packages
        ],
        "lost": [{"package": p.package, "kind": p.kind, "old": p.found} for p in update.lost],
    }


def rollback(old: str, new: str, held: str, *, dry_run: bool = False, paint: Paint = PLAIN) -> str:
    """From which generation to which, and whether it is held there; all are digests."""
    words = "Would go back" if dry_run else "Went back"
    said = paint.good(f"{words} to generation {generation(new)} from {generation(old)}.")
    return "\n".join([said, *columns([("held", held_at(held))] if held else [])])


def rollback_json(old: str, new: str, held: str, *, dry_run: bool = False) -> dict[str, Any]:
    """The same for programs."""
    return {**head("rollback"), "from": old, "to": new, "held": held, "dry_run": dry_run}


def unused(items: Sequence[Item], notes: Sequence[str], paint: Paint = PLAIN) -> str:
    """What nothing uses, item by item, and what removing it frees; notes are said at the end."""
    if not items:
        return "\n".join(["Nothing to remove: all that is here is in use.", *notes])
    rows = [(item.what, size(item.size), item.name) for item in items]
    end = paint.bold(f"{count(len(items), 'item')}, {_total(items)} can be freed.")
    return "\n".join([table(("what", "frees", "name"), rows), "", end, *notes])


def freed(items: Sequence[Item], notes: Sequence[str], paint: Paint = PLAIN) -> str:
    """The end of `gc`."""
    end = f"{count(len(items), 'item')} removed, {_total(items)} freed."
    return "\n".join([paint.good(end), *notes])


def unused_json(items: Sequence[Item], notes: Sequence[str], *, removed: bool) -> dict[str, Any]:
    """What nothing uses, or used, for programs."""
    return {
        **head("gc"),
        "removed": removed,
        "bytes": sum(item.size for item in items),
        "items": [{"what": item.what, "name": item.name, "bytes": item.size} for item in items],
        "notes": list(notes),
    }


def _total(items: Sequence[Item]) -> str:
    return size(sum(item.size for item in items))

from __future__ import annotations

import json
from dataclasses import dataclass

from bootstrap.report import generations
from tests.unit.report.values import DRIFT, Differs

OLD, NEW = "a" * 64, "b" * 64


@dataclass(frozen=True)
class Update:
    packages: tuple[Differs, ...]
    lost: tuple[Differs, ...] = ()
    old: str = OLD
    new: str = NEW


@dataclass(frozen=True)
class Item:
    what: str
    name: str
    size: int


ITEMS = (Item("environment", "/envs/course-a", 1_500_000), Item("image", "ours/a:1", 2_000_000))


def test_update() -> None:
    assert generations.update(Update(DRIFT[1:], DRIFT[:1])) == (
        "2 packages will change, generation aaaaaaaaaaaa -> bbbbbbbbbbbb\n"
        "\n"
        "package  kind   old     new\n"
        "numpy    wheel  1.26.3  1.26.4\n"
        "openssl  conda  -       3.0.19-h1_0\n"
        "\n"
        "Added by hand and not in the new environment: cowsay 6.1\n"
    )


def test_update_json() -> None:
    shown = generations.update_json(Update(DRIFT[1:2], DRIFT[:1]))
    assert json.loads(json.dumps(shown)) == {
        "version": 1,
        "kind": "update",
        "from": OLD,
        "to": NEW,
        "packages": [{"package": "numpy", "kind": "wheel", "old": "1.26.3", "new": "1.26.4"}],
        "lost": [{"package": "cowsay", "kind": "wheel", "old": "6.1"}],
    }


def test_rollback() -> None:
    assert generations.rollback(OLD, NEW, "") == (
        "Went back to generation bbbbbbbbbbbb from aaaaaaaaaaaa."
    )
    assert generations.rollback(OLD, NEW, NEW, dry_run=True) == (
        "Would go back to generation bbbbbbbbbbbb from aaaaaaaaaaaa.\n"
        "  held  at generation bbbbbbbbbbbb; `mlops-bootstrap update` goes on"
    )
    assert generations.rollback_json(OLD, NEW, NEW) == {
        "version": 1, "kind": "rollback", "from": OLD, "to": NEW, "held": NEW, "dry_run": False,
    }  # fmt: skip


def test_unused() -> None:
    assert generations.unused(ITEMS, ["a note"]) == (
        "what         frees   name\n"
        "environment  1.5 MB  /envs/course-a\n"
        "image        2.0 MB  ours/a:1\n"
        "\n"
        "2 items, 3.5 MB can be freed.\n"
        "a note"
    )
    assert generations.unused((), []) == "Nothing to remove: all that is here is in use."
    assert generations.freed(ITEMS, []) == "2 items removed, 3.5 MB freed."


def test_unused_json() -> None:
    assert generations.unused_json(ITEMS[:1], ["a note"], removed=True) == {
        "version": 1,
        "kind": "gc",
        "removed": True,
        "bytes": 1_500_000,
        "items": [{"what": "environment", "name": "/envs/course-a", "bytes": 1_500_000}],
        "notes": ["a note"],
    }

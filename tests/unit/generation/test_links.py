"""`current` and `previous`: nothing but the links decides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bootstrap.generation.installed import COMPLETE
from bootstrap.generation.links import Links


@pytest.fixture
def links(tmp_path: Path) -> Links:
    return Links(tmp_path)


def generation(folder: Path, digit: str, course: str = "course") -> Path:
    prefix = folder / f"{course}-{digit * 12}"
    prefix.mkdir()
    (prefix / COMPLETE).write_text(json.dumps({"version": 1, "digest": digit * 64}))
    return prefix


def test_there_is_no_previous_at_first(links: Links, tmp_path: Path) -> None:
    assert (links.current, links.previous) == (None, None)
    first = generation(tmp_path, "a")
    links.switch(first)
    links.switch(first)
    assert (links.current, links.previous) == (first, None)


def test_switching_to_and_fro(links: Links, tmp_path: Path) -> None:
    a, b, c = (generation(tmp_path, digit) for digit in "abc")
    for prefix in (a, b):
        links.switch(prefix)
    assert (links.current, links.previous) == (b, a)
    links.switch(a)
    assert (links.current, links.previous) == (a, b)
    links.switch(c)
    assert (links.current, links.previous) == (c, a)


def test_killed_between_the_two_links_it_can_be_done_again(links: Links, tmp_path: Path) -> None:
    a, b, c = (generation(tmp_path, digit) for digit in "abc")
    links.switch(a)
    links.switch(b)
    (tmp_path / "previous").unlink()
    (tmp_path / "previous").symlink_to(b)  # what a switch to c does first
    assert (links.current, links.previous) == (b, None)
    links.switch(c)
    assert (links.current, links.previous) == (c, b)


@pytest.mark.parametrize("damage", ["gone", "incomplete", "of another"])
def test_what_is_no_complete_generation_of_ours_is_not_kept(
    links: Links, tmp_path: Path, damage: str
) -> None:
    a, b = (generation(tmp_path, digit) for digit in "ab")
    links.switch(a)
    if damage == "of another":
        (a / COMPLETE).write_text(json.dumps({"version": 1, "digest": "f" * 64}))
    else:
        (a / COMPLETE).unlink()
    if damage == "gone":
        a.rmdir()
    assert links.current is None
    links.switch(b)
    assert (links.current, links.previous) == (b, None)
    assert links.lead_to(b)

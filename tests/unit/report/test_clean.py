from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.report import clean


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("", []),
        ("\n \n", []),
        ("a\nb", ["a", "b"]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("10%\r50%\r100%", ["100%"]),
        ("100%\r", ["100%"]),
        ("\x1b[31;1mred\x1b[0m", ["red"]),
        ("\x1b]0;title\x07after", ["after"]),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", ["link"]),
        ("up\x1b[2A\x1b[2Kdown", ["updown"]),
        ("bell\x07 and \x00null", ["bell and null"]),
        ("right-to-left \u202e trick", ["right-to-left  trick"]),
        ("a\tb", ["a   b"]),
        ("  indented", ["  indented"]),
    ],
)
def test_lines(raw: str, shown: list[str]) -> None:
    assert clean.lines(raw) == shown


def test_one_line() -> None:
    assert clean.line("first\n   second\n") == "first second"


@given(st.text())
def test_nothing_moves_the_cursor(raw: str) -> None:
    shown = clean.line(raw)
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown)


@given(st.text(st.characters(categories=["L", "N", "P", "S"], include_characters=" ")))
def test_the_quick_way_gives_what_the_long_one_does(text: str) -> None:
    # A mark of no width at its end takes a text through the long way, and is taken out there.
    assert clean.lines(text) == clean.lines(f"{text}\u200b")
    assert clean.line(text) == clean.line(f"{text}\u200b")

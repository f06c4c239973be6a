"""What a person sees while checks run."""

from __future__ import annotations

import contextlib
import io
import os
import pty
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from rich.console import Console

from bootstrap.report.checks.display import Lines, display
from bootstrap.report.checks.live import LiveAreas


@dataclass(frozen=True)
class Named:
    code: str

    @property
    def area(self) -> str:
        return self.code.partition(".")[0]


@dataclass(frozen=True)
class Over:
    check: Named
    outcome: str = "passed"
    seconds: float = 0.3


CODES = ("tools.git", "tools.engine", "data.model", "tracking.server", "tracking.page")
CHECKS = {code: Named(code) for code in CODES}


def pictured(console: Console, ended: Sequence[tuple[str, str]], running: Sequence[str]) -> str:
    live = LiveAreas(console, list(CHECKS.values()), clock=lambda: 0.0)
    for code in (*(code for code, _ in ended), *running):
        live.started(CHECKS[code])
    for code, outcome in ended:
        live.ended(Over(CHECKS[code], outcome))
    console.print(live.picture())
    return console.export_text()


def console(width: int = 70, height: int = 20, encoding: str = "utf-8") -> Console:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    return Console(file=file, width=width, height=height, force_terminal=True, record=True)


def test_one_line_an_area_with_what_is_amiss_and_what_runs() -> None:
    shown = pictured(
        console(), [("tools.git", "failed"), ("data.model", "passed")], ["tools.engine"]
    )
    lines = [line.rstrip() for line in shown.splitlines()]
    assert [line[2:] for line in lines] == [
        "tools       1 of 2 1 failed  engine",
        "data        1 of 1",
        "tracking    0 of 2",
        "",
        "0.0 s              2 of 5 checks",
    ]
    assert [line[:1] for line in lines[1:3]] == ["\u2713", "\u00b7"]


def test_an_ascii_terminal_gets_ascii() -> None:
    shown = pictured(console(encoding="ascii"), [("data.model", "failed")], ["tools.git"])
    assert shown.isascii()
    assert "x data" in shown


@pytest.mark.parametrize("width", [30, 50])
def test_it_fits_the_terminal(width: int) -> None:
    shown = pictured(console(width, height=5), [("tools.git", "failed")], CODES[1:])
    lines = shown.splitlines()
    assert len(lines) <= 5
    assert max(map(len, lines)) <= width - 2


def test_a_terminal_gets_the_picture_and_keeps_nothing_of_it() -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as stderr:
        environ = {"TERM": "xterm-256color"}
        with display(list(CHECKS.values()), stderr, environ, quiet=False) as shown:
            shown.started(CHECKS["tools.git"])
            shown.ended(Over(CHECKS["tools.git"]))
    sent = ""
    with contextlib.suppress(OSError):  # how Linux says that the other side is closed
        while piece := os.read(master, 65536):
            sent += piece.decode()
    os.close(master)
    assert "1 of 5 checks" in sent
    assert sent.count("\x1b[?25l") == sent.count("\x1b[?25h") == 1
    assert sent.endswith("\x1b[1A\x1b[2K")


def test_without_a_terminal_there_are_lines_or_nothing() -> None:
    for quiet, expected in ((False, "   0.3 s  failed   tools.git\n"), (True, "")):
        stderr = io.StringIO()
        with display(list(CHECKS.values()), stderr, {}, quiet=quiet) as shown:
            assert isinstance(shown, Lines)
            shown.started(CHECKS["tools.git"])
            shown.ended(Over(CHECKS["tools.git"], "failed"))
        assert stderr.getvalue() == expected

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from bootstrap.report import choose
from bootstrap.report.choose import Kind, OnFirstEvent, renderer
from bootstrap.report.jsonlines import JsonLinesRenderer
from bootstrap.report.plain import PlainRenderer
from tests.unit.report import story, values


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("kind", "stderr", "environ", "chosen"),
    [
        ("auto", Terminal(), {"TERM": "xterm"}, OnFirstEvent),
        ("auto", Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, OnFirstEvent),
        ("auto", Terminal(), {"TERM": "dumb"}, PlainRenderer),
        ("auto", Terminal(), {"TERM": "xterm", "CI": "true"}, PlainRenderer),
        ("auto", io.StringIO(), {"TERM": "xterm"}, PlainRenderer),
        ("plain", Terminal(), {"TERM": "xterm"}, PlainRenderer),
        ("json", Terminal(), {"TERM": "xterm"}, JsonLinesRenderer),
    ],
)
def test_choice(kind: Kind, stderr: io.StringIO, environ: dict[str, str], chosen: type) -> None:
    assert type(renderer(kind, io.StringIO(), stderr, environ)) is chosen


def test_stdout_is_left_for_the_result() -> None:
    for kind in ("auto", "plain"):
        stdout, stderr = io.StringIO(), Terminal()
        with renderer(kind, stdout, stderr, {"TERM": "xterm"}) as shown:
            for event in [*story.beginning(), *story.good_end()]:
                shown(event)
        assert stdout.getvalue() == ""
        assert "all 8 done" in stderr.getvalue()


def test_live_without_events_prints_nothing() -> None:
    stderr = Terminal()
    with renderer("auto", io.StringIO(), stderr, {"TERM": "xterm"}):
        pass
    assert stderr.getvalue() == ""


def test_requires_of() -> None:
    assert choose.requires_of(values.PLAN) == {
        "packages": frozenset(),
        "docker-engine": frozenset({"packages"}),
        "image": frozenset({"docker-engine"}),
    }


@pytest.mark.parametrize("module", ["plain", "choose", "text", "as_json", "jsonlines", "catalogue"])
def test_only_the_live_display_costs_rich(module: str) -> None:
    code = f"import sys, bootstrap.report.{module}; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

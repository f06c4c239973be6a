"""The two renderers that print lines: plain and JSON."""

from __future__ import annotations

import io
import json

import pytest

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError
from bootstrap.core.events import Bus, Outcome, RunStarted, StepNote, StepProgress
from bootstrap.core.plan import make_plan
from bootstrap.core.run import Run
from bootstrap.core.step import Job, Observation
from bootstrap.report import choose
from bootstrap.report.jsonlines import JsonLinesRenderer
from bootstrap.report.plain import PlainRenderer
from tests.unit.report import story, values


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def test_plain_failing_run() -> None:
    out, clock = io.StringIO(), Clock()
    with PlainRenderer(out, story.REQUIRES, clock) as renderer:
        for event in story.beginning():
            renderer(event)
        clock.now += 14.9
        for event in story.bad_end():
            renderer(event)
    progress, ending = out.getvalue().split("\n\n")
    assert progress == (
        "    0.0 s  8 steps to do\n"
        "    0.0 s  System packages: already there: git 2.43, curl 8.5\n"
        "    0.0 s  Docker Engine: start: not installed -> 28.2.2\n"
        "    0.0 s  Docker Engine: waiting for the apt lock: unattended-upgr (pid 812)\n"
        "    0.0 s  Course environment: start: none -> mlops-zoomcamp-4be1\n"
        "    0.0 s  Docker Compose: start: none -> 2.39.1\n"
        "    0.0 s  Docker Engine: done in 4.1 s: 28.2.2 answers\n"
        "   14.9 s  Docker Compose: done in 3.2 s: 2.39.1\n"
        "   14.9 s  Course environment: FAILED after 12.0 s: E-DIGEST the file is not the one that"
        " is pinned\n"
        "   14.9 s  Course repository: done in 2.5 s: at 9f3c2d1\n"
        "   14.9 s  Course image: not tried: needs Course environment\n"
        "   14.9 s  Services: not tried: needs Course image\n"
        "   14.9 s  Health: not tried: needs Services\n"
        "   14.9 s  1 failed, 3 not tried, 4 done, 14.9 s"
    )
    assert ending.startswith("E-DIGEST  Course environment failed:")
    assert "\x1b" not in ending


def test_plain_says_why_also_when_the_run_is_cut_off() -> None:
    out = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        story.cut_off(PlainRenderer(out), [*story.beginning(), *list(story.bad_end())[:2]])
    assert out.getvalue().count("E-DIGEST  Course environment failed:") == 1


def test_plain_progress_every_five_seconds() -> None:
    out, clock = io.StringIO(), Clock()
    renderer = PlainRenderer(out, clock=clock)
    renderer(RunStarted(0, "r", (("a", "A"),)))
    for second in range(13):
        clock.now = 50.0 + second
        renderer(StepProgress(0, "a", "wheels", second, 292, "packages"))
    assert out.getvalue().splitlines()[1:] == [
        "    0.0 s  A: wheels 0 of 292",
        "    5.0 s  A: wheels 5 of 292",
        "   10.0 s  A: wheels 10 of 292",
    ]


def test_json_lines() -> None:
    out = io.StringIO()
    with JsonLinesRenderer(out) as renderer:
        for event in [*story.beginning(), *story.good_end()]:
            renderer(event)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert lines[0]["event"] == "run-started"
    assert lines[1] == {
        "event": "step-finished",
        "at": 0,
        "step": "packages",
        "outcome": "satisfied",
        "seconds": 0.1,
        "found": "git 2.43, curl 8.5",
        "failure": None,
    }
    assert lines[-1] == {"event": "run-finished", "at": 0, "outcome": "changed", "seconds": 64.4}


class Works(values.Named):
    done = False

    def observe(self, view: None) -> Observation:
        return Observation(self.done, "there" if self.done else "none", "there")

    def apply(self, host: None, job: Job) -> None:
        job.note("at work")
        self.done = True


class Breaks(Works):
    def apply(self, host: None, job: Job) -> None:
        job.note("the last words")
        raise BootstrapError("E-WRITE", "cannot write", where="/x", remedy="make room")


def test_a_real_run() -> None:
    out = io.StringIO()
    steps = (Works("a", "First"), Breaks("b", "Second", "a"), Works("c", "Third", "b"))
    plan = make_plan(steps, None)
    with PlainRenderer(out, choose.requires_of(plan)) as renderer:
        result = Run(plan, None, None, Bus(renderer), Cancel())()
    assert result.outcome is Outcome.FAILED
    lines = [line[11:] for line in out.getvalue().split("\n\n")[0].splitlines()]
    assert lines == [
        "3 steps to do",
        "First: start: none -> there",
        "First: at work",
        "First: done in 0.0 s: there",
        "Second: start: none -> there",
        "Second: the last words",
        "Second: FAILED after 0.0 s: E-WRITE cannot write",
        "Third: not tried: needs Second",
        "1 failed, 1 not tried, 1 done, 0.0 s",
    ]
    assert "  log     the last words\n" in out.getvalue()


class Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_reader_who_left_ends_no_run() -> None:
    for stream in (Gone(), _closed()):
        for renderer in (PlainRenderer(stream), JsonLinesRenderer(stream)):
            for event in [*story.beginning(), *story.bad_end()]:
                renderer(event)


def test_a_note_in_odd_characters_passes_an_ascii_stream() -> None:
    raw = io.BytesIO()
    renderer = PlainRenderer(io.TextIOWrapper(raw, "ascii", errors="strict"))
    renderer(StepNote(0, "a", "naïve"))
    renderer(StepNote(0, "a", "later"))
    assert b"later" in raw.getvalue()


def _closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream

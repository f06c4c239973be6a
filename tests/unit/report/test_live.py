from __future__ import annotations

import io
import itertools
import threading
import time
from collections.abc import Iterable

import pytest
from rich.console import Console

from bootstrap.core.events import (
    Event,
    Outcome,
    RunFinished,
    RunStarted,
    StepFinished,
    StepNote,
    StepProgress,
    StepStarted,
)
from bootstrap.report.drawing import FRAMES_PER_SECOND
from bootstrap.report.live import LiveRenderer
from tests.unit.report import story


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def console(width: int, height: int = 30, **options: object) -> Console:
    return Console(
        file=io.StringIO(),
        width=width,
        height=height,
        force_terminal=True,
        record=True,
        **options,  # type: ignore[arg-type]  # passed on
    )


def shown(target: Console, events: Iterable[Event], *, final: bool = False) -> list[str]:
    clock = Clock()
    renderer = LiveRenderer(target, story.REQUIRES, clock)
    for index, event in enumerate(events):
        if index == len(list(story.beginning())):
            clock.now += 12
        renderer(event)
    clock.now = 112.0
    renderer._final = final
    target.print(renderer.picture())
    if final:
        renderer.ending()
    return [line.rstrip() for line in target.export_text().splitlines()]


def test_under_way() -> None:
    assert shown(console(80), story.beginning()) == GOLDEN_80


def test_narrow() -> None:
    lines = shown(console(40), story.beginning())
    assert lines == GOLDEN_40
    assert max(map(len, lines)) <= 40 - 2, "^C has room at the end of the last line"


def test_wide_stays_together() -> None:
    assert max(map(len, shown(console(220), story.beginning()))) == 100


def test_good_end() -> None:
    lines = shown(console(80), [*story.beginning(), *story.good_end()], final=True)
    assert lines[-1] == "all 8 done  1 min 04 s"
    assert lines[3].split() == ["✓", "Course", "environment", "292", "packages", "41.0", "s"]
    assert "⠋" not in "".join(lines)


def test_bad_end() -> None:
    lines = shown(console(80), [*story.beginning(), *story.bad_end()], final=True)
    assert lines == GOLDEN_BAD


@pytest.mark.parametrize("height", [1, 2, 3, 4, 6, 9])
def test_terminal_shorter_than_the_steps(height: int) -> None:
    steps = tuple((f"s{n}", f"Step {n}") for n in range(40))
    events = [RunStarted(0, "r", steps), StepStarted(0, "s30", "a", "b")]
    lines = shown(console(60, height), events)
    assert len(lines) <= max(height, 3)
    if height >= 6:
        assert any("Step 30" in line for line in lines), "the one at work is always in sight"
        assert any("more" in line for line in lines)
    assert len(shown(console(60, height), events, final=True)) >= 40


def test_colour_is_never_alone() -> None:
    lines = shown(console(80, no_color=True), [*story.beginning(), *story.bad_end()], final=True)
    assert lines == GOLDEN_BAD


def test_no_color_prints_no_colour() -> None:
    target = console(80, no_color=True)
    shown(target, [*story.beginning(), *story.bad_end()], final=True)
    assert isinstance(target.file, io.StringIO)
    assert not any(f"\x1b[{code}m" in target.file.getvalue() for code in (31, 32, 33, 36, "1;31"))


@pytest.mark.parametrize("width", [40, 80])
def test_ascii_terminal(width: int) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, "ascii", errors="strict")
    target = Console(file=stream, width=width, height=30, force_terminal=True, color_system=None)
    with LiveRenderer(target, story.REQUIRES) as renderer:
        for event in [*story.beginning(), *story.good_end()]:
            renderer(event)
    stream.flush()
    assert "+ System packages" in raw.getvalue().decode("ascii")


def test_a_note_is_shown_until_other_work_begins() -> None:
    start = [RunStarted(0, "r", (("a", "A"),)), StepStarted(0, "a", "", "x")]
    noted = [*start, StepNote(0, "a", "[bold]retry\x1b[31m 2\n")]
    assert "[bold]retry 2" in shown(console(80), noted)[0]
    moved = [*noted, StepProgress(0, "a", "linking", 1, 2, "packages")]
    assert "retry" not in shown(console(80), moved)[0]
    assert "linking 1 of 2" in shown(console(80), moved)[0]


def test_progress_past_its_total_and_without_one() -> None:
    start = [RunStarted(0, "r", (("a", "A"),)), StepStarted(0, "a", "", "x")]
    for width, total in itertools.product((40, 80), (0, 5)):
        events = [*start, StepProgress(0, "a", "layer", 9_000_000, total, "bytes")]
        assert "layer" in shown(console(width), events)[0]


def test_cut_off_says_stopped() -> None:
    target = console(80)
    with pytest.raises(KeyboardInterrupt):
        story.cut_off(LiveRenderer(target, story.REQUIRES), story.beginning())
    text = target.export_text()
    assert "Docker Compose      stopped" in text
    assert "not begun" in text
    assert "stopped; `mlops-bootstrap up` goes on from here" in text


def test_a_terminal_that_went_away_ends_no_run() -> None:
    class Gone(io.StringIO):
        broken = False

        def write(self, text: str) -> int:
            if self.broken:
                raise OSError(5, "Input/output error")
            return super().write(text)

    stream = Gone()
    target = Console(file=stream, width=80, height=30, force_terminal=True)
    with LiveRenderer(target, story.REQUIRES) as renderer:
        renderer(next(story.beginning()))
        stream.broken = True
        for event in story.bad_end():
            renderer(event)
        time.sleep(2 / FRAMES_PER_SECOND)  # let it try to draw
    stream.broken = False


def test_many_threads() -> None:
    steps = tuple((f"s{n}", f"Step {n}") for n in range(16))
    target = console(80, 10)

    def work(renderer: LiveRenderer, name: str) -> None:
        renderer(StepStarted(0, name, "", "x"))
        for number in range(300):
            renderer(StepProgress(0, name, "bytes", number, 299, "bytes"))
            renderer(StepNote(0, name, f"note {number}"))
        renderer(StepFinished(0, name, Outcome.CHANGED, 1.0, "there"))

    with LiveRenderer(target) as renderer:
        renderer(RunStarted(0, "r", steps))
        threads = [threading.Thread(target=work, args=(renderer, name)) for name, _ in steps]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            target.print(renderer.picture())
        renderer(RunFinished(0, Outcome.CHANGED, 1.0))
    assert "all 16 done" in target.export_text()


GOLDEN_80 = """\
✓ System packages     already there  git 2.43, curl 8.5
✓ Docker Engine       28.2.2 answers                                     4.1 s
⠋ Docker Compose      docker-compose 12.3 MB of 73.4 MB  ━╸━━━━━━━━     12.0 s
⠋ Course environment  wheels 131 of 292                  ━━━━╺━━━━━     12.0 s
· Course repository   waiting
· Course image        after Course environment
· Services            after Course image
· Health              after Services

  2 of 8 done                                                           12.0 s
""".splitlines()

GOLDEN_40 = """\
✓ System packages already there
✓ Docker Engine   28.2.2 answe…    4 s
⠋ Docker Compose  16 %  docker…   12 s
⠋ Course environ… 44 %  wheels    12 s
· Course reposit… waiting
· Course image    after Course…
· Services        after Course…
· Health          after Servic…

  2 of 8 done                   12.0 s
""".splitlines()

GOLDEN_BAD = """\
✓ System packages     already there  git 2.43, curl 8.5
✓ Docker Engine       28.2.2 answers                                     4.1 s
✓ Docker Compose      2.39.1                                             3.2 s
✗ Course environment  failed  E-DIGEST                                  12.0 s
✓ Course repository   at 9f3c2d1                                         2.5 s
○ Course image        not tried: needs Course environment
○ Services            not tried: needs Course image
○ Health              not tried: needs Services

1 failed, 3 not tried, 4 done  14.9 s

E-DIGEST  Course environment failed: the file is not the one that is pinned
          pinned  sha256:1f0c…
          arrived sha256:9a44…
  where   https://files.example/mlflow-3.4.0.whl
  log     fetching mlflow-3.4.0.whl
          hash mismatch
  remedy  run `mlops-bootstrap up` again; if it stays, the mirror holds a damaged file
  more    mlops-bootstrap explain E-DIGEST
""".splitlines()

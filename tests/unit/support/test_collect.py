"""Parts collected: what one does, or does not do, changes nothing for the others."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError, Interrupted, UsageError
from bootstrap.host.host import this_machine
from bootstrap.support.collect import collect
from bootstrap.support.part import Part, Scene


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    view, host = this_machine({"HOME": str(tmp_path)})
    return Scene(view, host, Cancel(), UsageError("E-COURSE-MISSING", "there is no course"))


def raising(error: Exception) -> Callable[[Scene], Any]:
    def read(_: Scene) -> Any:
        raise error

    return read


def no_file(_: Scene) -> str:
    return Path("/nowhere/at/all").read_text()


@pytest.mark.parametrize(
    ("read", "code"),
    [
        (raising(BootstrapError("E-ENGINE-LOST", "gone")), "E-ENGINE-LOST"),
        (no_file, "E-READ"),
        (raising(KeyError("Version")), "E-INTERNAL"),
        (lambda scene: scene.blueprint, "E-COURSE-MISSING"),
    ],
)
def test_what_cannot_be_had_says_why_and_the_rest_is_there(
    scene: Scene, read: Callable[[Scene], Any], code: str
) -> None:
    parts = (Part("bad.json", "", read), Part("good.txt", "", lambda _: "well"))
    found = collect(parts, scene)
    assert list(found) == ["bad.json", "good.txt"]
    assert found["good.txt"] == "well"
    assert found["bad.json"].code == code
    assert found["bad.json"].what


def test_what_hangs_is_told_to_stop_and_left_behind(scene: Scene) -> None:
    let_go, stopped = threading.Event(), threading.Event()

    def hangs(inner: Scene) -> str:
        with inner.cancel.on_request(stopped.set):
            let_go.wait(60)
        return "too late"

    parts = (Part("slow.json", "", hangs), Part("good.txt", "", lambda _: "well"))
    try:
        found = collect(parts, scene, deadline_s=0.5)
    finally:
        let_go.set()
    assert found["slow.json"].code == "E-DIAGNOSE-DEADLINE"
    assert found["good.txt"] == "well"
    assert stopped.is_set()
    assert not scene.cancel.requested


def test_parts_are_read_at_once_and_the_last_one_after_them(scene: Scene) -> None:
    together = threading.Barrier(2, timeout=30)
    ended: list[str] = []

    def reads(name: str) -> Callable[[Scene], str]:
        def read(_: Scene) -> str:
            if name != "last":
                together.wait()
            ended.append(name)
            return name

        return read

    parts = (
        Part("last.json", "", reads("last"), last=True),
        Part("one.json", "", reads("one")),
        Part("two.json", "", reads("two")),
    )
    found = collect(parts, scene)
    assert list(found.values()) == ["last", "one", "two"]
    assert ended[-1] == "last"


def test_ctrl_c_ends_it(scene: Scene) -> None:
    let_go = threading.Event()

    def interrupts(inner: Scene) -> str:
        scene.cancel.request()
        assert inner.cancel.requested
        let_go.wait(60)
        return ""

    try:
        with pytest.raises(Interrupted):
            collect((Part("a.txt", "", interrupts),), scene)
    finally:
        let_go.set()

"""Going back and going on: `rollback` where no service runs, `update` with nothing to change."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from benchmarks.measured import Measured, Series, Target
from benchmarks.place import Place, new_place, running_lab
from benchmarks.timing import TOOL, RunError, in_turns, seconds
from bootstrap.generation.links import Links
from tests.relocked import relocked, requirements_of, without

ROLLBACK = "mlops-bootstrap rollback"
UPDATE = "mlops-bootstrap update"


def measure(count: int) -> Measured:
    with (
        tempfile.TemporaryDirectory(prefix="mlops-bench-cache-") as cache,
        running_lab() as lab,
        new_place(lab, Path(cache)) as place,
    ):
        seconds(place.up, place.environ)
        update = partial(seconds, (TOOL, "update"), place.environ)
        (unchanged,) = in_turns(count, {UPDATE: update}).values()
        _update(place)
        seconds((TOOL, "down"), place.environ)
        (back,) = in_turns(count, {ROLLBACK: partial(_rollback, place)}).values()
    rollback, nothing = Series(ROLLBACK, back), Series(UPDATE, unchanged)
    targets = (
        Target("rollback, no service runs, median < 1 s", 1.0, rollback.median),
        Target("update with nothing to change, median < 0.5 s", 0.5, nothing.median),
    )
    notes = ("each rollback goes to the other of two environments that differ in one wheel",)
    return Measured("generations", (rollback, nothing), targets, notes)


def _update(place: Place) -> None:
    """On to the same course without one wheel, which nothing else needs."""
    course = place.lab.course_path
    text = without(requirements_of(course), "seaborn")
    newer = relocked(course, Path(place.environ["HOME"]) / "newer", text)
    seconds((TOOL, "update", "--yes", "--plain", "--course", str(newer)), place.environ)


def _rollback(place: Place) -> float:
    """Time one rollback, and see that it went where it should."""
    links = Links(place.paths.environments)
    before, previous = links.current, links.previous
    took = seconds((TOOL, "rollback"), place.environ)
    if previous is None or (links.current, links.previous) != (previous, before):
        raise RunError(f"the links lead to {links.current} and {links.previous}")
    return took

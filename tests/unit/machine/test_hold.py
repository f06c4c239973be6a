"""Going back, staying there, and going on."""

from __future__ import annotations

import shutil

import pytest

from bootstrap.core.errors import BootstrapError
from bootstrap.machine.changes import update_of
from bootstrap.machine.rollback import go_back, way_back
from bootstrap.machine.selection import load_selection
from bootstrap.machine.status import status_of
from bootstrap.runtimes.docker.course_image import CourseImage
from tests.unit.machine.conftest import Home


def test_an_update_names_the_packages_that_change(home: Home) -> None:
    first = home.install()
    home.add(first, "cowsay", "6.1")
    assert not update_of(home.draw(), home.host).changed
    home.lock_without("seaborn")
    update = update_of(home.draw(), home.host)
    assert (update.old, update.new) == (first.digest, home.draw().lock_digest)
    (change,) = update.packages
    assert (change.package, change.kind, change.wanted) == ("seaborn", "wheel", "")
    assert change.found == first.contents.wheels["seaborn"]
    assert [(one.package, one.found) for one in update.lost] == [("cowsay", "6.1")]


def test_an_update_from_an_older_tool_goes_by_what_is_installed(home: Home) -> None:
    first = home.install()
    marker = first.prefix / ".mlops-bootstrap.json"
    marker.write_text(f'{{"version": 1, "digest": "{first.digest}", "python": "3.12.1"}}')
    home.lock_without("seaborn")
    assert [one.package for one in update_of(home.draw(), home.host).packages] == ["seaborn"]


def test_an_update_needs_an_environment(home: Home) -> None:
    with pytest.raises(BootstrapError) as caught:
        update_of(home.draw(), home.host)
    assert caught.value.code == "E-NOT-UP"


def test_after_going_back_everything_is_of_that_generation(home: Home) -> None:
    first = home.install()
    before = home.draw()
    home.lock_without("seaborn")
    second = home.install()
    assert way_back(home.draw(), home.host) == (second.digest, first.digest)
    go_back(home.draw(held=first.digest), home.host)
    assert (home.links.current, home.links.previous) == (first.prefix, second.prefix)

    selection = load_selection(home.host.paths.config, {})
    assert selection.held == first.digest
    held = home.draw(selection.held)
    assert held.generation.prefix == first.prefix
    assert held.lock_digest == second.digest
    assert image_of(held.steps) == image_of(before.steps) != image_of(home.draw().steps)
    assert held.runtime == before.runtime
    assert next(s for s in held.steps if s.name == "environment").observe(home.host).satisfied

    status = status_of(held, home.host)
    assert (status.generation, status.previous) == (first.digest, second.digest)
    assert (status.held, status.lock_digest) == (first.digest, second.digest)


def image_of(steps: tuple[object, ...]) -> str:
    return next(step.local for step in steps if isinstance(step, CourseImage))


def test_going_forward_again_holds_nothing(home: Home) -> None:
    first = home.install()
    home.lock_without("seaborn")
    second = home.install()
    go_back(home.draw(held=first.digest), home.host)
    old, new = way_back(home.draw(first.digest), home.host)
    assert (old, new) == (first.digest, second.digest)
    go_back(home.draw(held=new), home.host)
    assert home.links.current == second.prefix
    assert load_selection(home.host.paths.config, {}).held == ""


def test_there_is_nothing_to_go_back_to(home: Home) -> None:
    home.install()
    with pytest.raises(BootstrapError) as caught:
        way_back(home.draw(), home.host)
    assert caught.value.code == "E-NO-PREVIOUS"


def test_the_environment_of_another_course_is_nothing_to_go_back_to(home: Home) -> None:
    home.install()
    text = home.course.read_text()
    home.course.write_text(text.replace("name: mlops-zoomcamp", "name: another"))
    home.install()
    with pytest.raises(BootstrapError) as caught:
        way_back(home.draw(), home.host)
    assert caught.value.code == "E-NO-PREVIOUS"
    assert "of another course: mlops-zoomcamp-" in caught.value.what


def test_a_held_generation_that_is_gone_is_said(home: Home) -> None:
    first = home.install()
    shutil.rmtree(first.prefix)
    home.lock_without("seaborn")
    with pytest.raises(BootstrapError) as caught:
        home.draw(held=first.digest)
    assert caught.value.code == "E-HELD-GONE"
    assert "mlops-bootstrap update" in caught.value.remedy


def test_what_an_older_tool_made_cannot_be_held(home: Home) -> None:
    first = home.install()
    shutil.rmtree(first.prefix / ".mlops-bootstrap")
    home.lock_without("seaborn")
    with pytest.raises(BootstrapError) as caught:
        home.draw(held=first.digest)
    assert caught.value.code == "E-GENERATION-LOCKS"

from pathlib import Path

import pytest

from bootstrap.core.errors import UsageError
from bootstrap.course.load import load_course
from bootstrap.course.locate import shipped_courses
from bootstrap.machine.selection import Selection, load_selection, save_selection

COURSE = load_course(shipped_courses()["mlops-zoomcamp"]).course


def test_what_was_chosen_is_remembered(tmp_path: Path) -> None:
    ports = {"mlflow": 5001}
    chosen = Selection("/x/course.yml", "http://token@mirror:8080", ports=ports, held="a" * 64)
    save_selection(tmp_path / "config", chosen)
    assert load_selection(tmp_path / "config", {}) == chosen
    assert (tmp_path / "config" / "selection.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '{"ports": 3, "course": 1}', '{"other": 1}'])
def test_a_damaged_file_means_that_nothing_was_chosen(tmp_path: Path, content: str) -> None:
    (tmp_path / "selection.json").write_text(content)
    assert load_selection(tmp_path, {}) == Selection()


def test_the_environment_is_above_the_file(tmp_path: Path) -> None:
    save_selection(tmp_path, Selection(source="http://old"))
    environ = {"MLOPS_BOOTSTRAP_SOURCE": "http://new"}
    assert load_selection(tmp_path, environ).source == "http://new"


def test_ports_of_another_course_are_not_carried_over() -> None:
    before = Selection("a", ports={"mlflow": 5001})
    assert before.changed(course="b").ports == {}
    assert before.changed(ports={"prefect": 4201}).ports == {"mlflow": 5001, "prefect": 4201}


def test_a_hold_lasts_until_it_is_ended_or_another_course_is_chosen() -> None:
    before = Selection("a", held="f" * 64)
    assert before.changed(source="http://mirror", course="a").held == before.held
    assert before.changed(held="").held == ""
    assert before.changed(course="b").held == ""
    assert before.changed(course="b", held="e" * 64).held == "e" * 64


@pytest.mark.parametrize("ports", [{"mlfow": 5001}, {"worker": 1}, {"mlflow": 4200}])
def test_ports_that_cannot_be_are_refused(ports: dict[str, int]) -> None:
    with pytest.raises(UsageError) as caught:
        Selection(ports=ports).check(COURSE)
    assert caught.value.code == "E-PORT-OPTION"

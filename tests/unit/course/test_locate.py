from pathlib import Path

import pytest

from bootstrap.core.errors import UsageError
from bootstrap.course import locate
from bootstrap.course.locate import compose_directory, find_course, shipped_courses


def test_the_checkout_ships_its_courses() -> None:
    root = Path(__file__).parents[3]
    assert shipped_courses()["mlops-zoomcamp"] == root / "envs/mlops-zoomcamp/course.yml"
    assert compose_directory() == root / "compose"


def test_an_installed_wheel_ships_them_as_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = tmp_path / "data/envs/other/course.yml"
    course.parent.mkdir(parents=True)
    course.touch()
    monkeypatch.setattr(locate, "_PACKAGE", tmp_path)
    assert shipped_courses() == {"other": course}
    assert compose_directory() == tmp_path / "data/compose"
    assert find_course("other", {}) == course


def test_the_ways_to_name_a_course(course_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = course_file.parent
    monkeypatch.chdir(folder)
    shipped = shipped_courses()["mlops-zoomcamp"]
    variable = {"MLOPS_BOOTSTRAP_COURSE": str(folder)}
    ways: list[tuple[str | None, dict[str, str], Path]] = [
        (str(course_file), {}, course_file),
        (str(folder), {}, course_file),
        ("course.yml", {}, course_file),
        (".", {}, course_file),
        ("~/course.yml", {"HOME": str(folder)}, course_file),
        (None, variable, course_file),
        ("mlops-zoomcamp", variable, shipped),
        ("mlops-zoomcamp", {}, shipped),
        (None, {}, shipped),
        ("", {}, shipped),
    ]
    for spec, environ, expected in ways:
        assert find_course(spec, environ) == expected, spec


def test_a_shipped_name_wins_over_a_folder_of_that_name(
    course_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = course_file.parent
    (folder / "mlops-zoomcamp").mkdir()
    course_file.rename(folder / "mlops-zoomcamp" / "course.yml")
    monkeypatch.chdir(folder)
    assert find_course("mlops-zoomcamp", {}) == shipped_courses()["mlops-zoomcamp"]
    assert find_course("./mlops-zoomcamp", {}).parent == folder / "mlops-zoomcamp"


@pytest.mark.parametrize(
    ("spec", "saying"),
    [
        ("mlops-zoomcmp", "did you mean 'mlops-zoomcamp'?"),
        ("nothing/like/it.yml", "there is no course"),
        ("~/course.yml", "there is no course"),
        ("x" * 5000, "there is no course"),
        ("nul\0", "there is no course"),
    ],
)
def test_what_is_no_course(spec: str, saying: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_course(spec, {})
    assert caught.value.code == "E-COURSE-MISSING"
    assert saying in caught.value.what
    assert "mlops-zoomcamp" in caught.value.remedy


def test_a_folder_without_a_course(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no course\.yml"):
        find_course(str(tmp_path), {})

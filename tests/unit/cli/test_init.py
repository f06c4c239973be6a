import json
import os
import resource
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from packaging.requirements import Requirement

from bootstrap.cli.main import call
from bootstrap.course.load import LoadedCourse, read_course
from bootstrap.course.locate import find_course, shipped_courses
from bootstrap.course.locks import read_conda_lock, read_requirements
from bootstrap.course.requirements import logical_lines
from bootstrap.course.skeleton import name_for
from bootstrap.runtimes.docker.stack import check_fits

SHIPPED = read_course(shipped_courses()["mlops-zoomcamp"])
FILES = ["course.schema.json", "course.yml", "environment.yml", "requirements.in"]
URL, COMMIT = "https://example.org/me/course.git", "0123456789" * 4
NOT_UTF8 = os.fsdecode(b"caf\xe9 \xff")


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def begin(*arguments: str) -> LoadedCourse:
    """Begin a course in the folder that is the first argument, and read it."""
    assert call(["init", *arguments]) == 0
    return read_course(Path(arguments[0], "course.yml"))


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_course_is_one_that_can_go_up() -> None:
    loaded = begin("mine")
    course = loaded.course
    assert sorted(path.name for path in loaded.directory.iterdir()) == FILES
    check_fits(loaded)
    for part in ("requirements", "packages", "repository", "binaries", "images", "services"):
        ours, theirs = getattr(course, part), getattr(SHIPPED.course, part)
        if part == "repository":
            theirs = theirs.model_copy(update={"destination": "~/mine"})
        assert ours == theirs, part
    for lock, its in ((course.environment.conda, "conda"), (course.environment.wheels, "wheels")):
        shipped = getattr(SHIPPED.course.environment, its)
        assert (lock.lock, lock.specification) == (shipped.lock, shipped.specification)
        assert lock.sha256 is None


def test_editors_find_the_schema_and_the_course_fits_it() -> None:
    loaded = begin("mine")
    text = loaded.path.read_text()
    assert text.startswith("# yaml-language-server: $schema=course.schema.json\n")
    schema = json.loads((loaded.directory / "course.schema.json").read_text())
    Draft202012Validator(schema).validate(yaml.safe_load(text))
    assert max(map(len, text.splitlines())) <= max(
        100, *map(len, SHIPPED.path.read_text().splitlines())
    )


def test_what_is_commented_out_can_be_taken_in() -> None:
    path = begin("mine").path
    text = path.read_text().replace("  # lessons:", "  lessons:").replace("\n# data:", "\ndata:")
    head, _, tail = text.partition("\ndata:")
    path.write_text(head + "\ndata:" + tail.replace("\n#", "\n"))
    course = read_course(path).course
    assert course.environment.lessons == "lessons.py"
    assert course.data == {"trips": {"started_at": "timestamp", "distance": "float"}}


def test_the_shipped_locks_answer_the_specifications() -> None:
    folder = begin("mine").directory
    pins = {p.name: p.version for p in read_requirements(SHIPPED.requirements)}
    asked = [Requirement(t) for _, t in logical_lines((folder / "requirements.in").read_text())]
    assert {"mlflow", "prefect", "psycopg2-binary", "asyncpg"} <= {one.name for one in asked}
    for one in asked:
        assert one.specifier.contains(pins[one.name]), one
    conda = yaml.safe_load((folder / "environment.yml").read_text())
    assert conda["name"] == "mine"
    assert conda["platforms"] == ["linux-64", "linux-aarch64"]
    for platform in conda["platforms"]:
        found = {p.name: p.version for p in read_conda_lock(SHIPPED.conda_lock, platform)}
        assert conda["dependencies"] == [f"python={found['python']}"]


def test_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--name", "ml-101", "--title", 'Über "ML": 101 🎓', "--commit", COMMIT]
    course = begin("below/new", *options, "--repository", URL).course
    assert (course.name, course.title) == ("ml-101", 'Über "ML": 101 🎓')
    assert (course.repository.url, course.repository.commit) == (URL, COMMIT)
    assert course.repository.destination == "~/ml-101"
    said = capsys.readouterr().out
    assert said.startswith("Began the course ml-101 in below/new.\n\n  wrote  course.yml\n")
    assert "repository" not in said


def test_without_options_the_folder_is_this_one(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["init"]) == 0
    assert sorted(path.name for path in workplace.iterdir()) == FILES
    course = read_course(workplace / "course.yml").course
    assert (course.name, course.title) == (name_for(workplace), workplace.name)
    assert "put your repository into course.yml" in capsys.readouterr().out


def test_the_folder_above_has_a_name_too(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workplace / "Another One" / "below").mkdir(parents=True)
    monkeypatch.chdir(workplace / "Another One" / "below")
    assert begin("..").course.name == "another-one"
    assert (workplace / "Another One" / "course.yml").exists()


def test_a_commit_alone_is_one_of_the_shipped_repository() -> None:
    repository = begin("mine", "--commit", COMMIT).course.repository
    assert (repository.url, repository.commit) == (SHIPPED.course.repository.url, COMMIT)


@pytest.mark.parametrize(
    ("folder", "name", "title"),
    [
        ("MLOps Spring 2027", "mlops-spring-2027", "MLOps Spring 2027"),
        ("Kurs für Anfänger", "kurs-fur-anfanger", "Kurs für Anfänger"),
        ("курс", "my-course", "курс"),
        ("データ 2", "2", "データ 2"),
        ("__", "my-course", "__"),
        ("no", "no", "no"),
        ("1e3", "1e3", "1e3"),
        ("a: b # c", "a-b-c", "a: b # c"),
        ("two\nlines", "two-lines", "two lines"),
        ("x" * 39 + " y" * 40, "x" * 39, "x" * 39 + " y" * 30 + " "),
        (NOT_UTF8, "caf", "caf\ufffd \ufffd"),
    ],
)
def test_a_course_is_called_like_its_folder(folder: str, name: str, title: str) -> None:
    course = begin(folder).course
    assert (course.name, course.title) == (name, title)
    conda = yaml.safe_load(Path(folder, "environment.yml").read_text())
    assert conda["name"] == name


def test_a_name_is_the_title_too() -> None:
    assert begin("mine", "--name", "ml-101").course.title == "ml-101"


@pytest.mark.parametrize("folder", ["mine", "mlops-zoomcamp", "-x", "Kurs für 'uns'", "a/b", "."])
def test_the_commands_that_it_says_mean_this_course(
    workplace: Path, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["init", "--", folder]) == 0
    said = capsys.readouterr().out
    lines = [line.partition("mlops-bootstrap ")[2] for line in said.splitlines()]
    words = [shlex.split(line) for line in lines if line]
    assert [one[:-2] for one in words] == [["lock"], ["lock", "prove"], ["up"]]
    for *_, option, value in words:
        assert option == "--course"
        assert find_course(value, {}).samefile(workplace / folder / "course.yml")


@pytest.mark.parametrize("standing", [[name] for name in FILES] + [FILES])
@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_nothing_is_lost_where_files_are_in_the_way(
    workplace: Path, standing: list[str], dry: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = workplace / "mine"
    folder.mkdir()
    for name in (*standing, "notes.txt"):
        (folder / name).write_text(f"my own {name}")
    before = content(folder)

    assert call(["init", "mine", *dry]) == 2

    assert content(folder) == before
    out, err = capsys.readouterr()
    assert out == ""
    assert "E-COURSE-EXISTS" in err
    assert [name for name in FILES if f"mine/{name}" in err] == standing


def test_a_link_that_leads_nowhere_is_in_the_way(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workplace / "requirements.in").symlink_to(workplace / "later.in")
    (workplace / "loop").symlink_to(workplace / "loop")
    for folder in (".", "loop"):
        assert call(["init", folder]) == 2
        assert "E-COURSE-EXISTS" in capsys.readouterr().err
    assert sorted(path.name for path in workplace.iterdir()) == ["loop", "requirements.in"]


@pytest.mark.parametrize("folder", ["taken", "taken/below/it"])
def test_a_file_where_a_folder_should_be(
    workplace: Path, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (workplace / "taken").write_text("mine")
    assert call(["init", folder]) == 2
    assert "E-COURSE-EXISTS  already there: taken;" in capsys.readouterr().err
    assert content(workplace) == {"taken": b"mine"}


def test_other_files_stay(workplace: Path) -> None:
    (workplace / "lessons.py").write_text("print(1)")
    (workplace / ".git").mkdir()
    begin(".")
    assert (workplace / "lessons.py").read_text() == "print(1)"


def test_dry_run(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["init", "a/b", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in FILES)
    assert "Would begin the course b in a/b." in said
    assert list(workplace.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value", "saying"),
    [
        ("--name", "My Course", "is not a name here"),
        ("--name", "", "is not a name here"),
        ("--title", "two\nlines", "is not a title"),
        ("--commit", "main", "is not a commit"),
        ("--repository", "me/course", "is not the address of a git repository"),
        ("--repository", "https://me:secret@example.org/a.git", "must hold no password"),
        ("--repository", URL, f"`git ls-remote {URL} HEAD`"),
    ],
)
def test_wrong_usage(
    workplace: Path, option: str, value: str, saying: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["init", "mine", option, value]) == 2
    assert saying in " ".join(capsys.readouterr().err.split())
    assert list(workplace.iterdir()) == []


@pytest.mark.parametrize("folder", ["/proc/none/mine", "a" * 300])
def test_where_nothing_can_be_written(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["init", folder, "--name", "mine"]) == 1
    assert "E-WRITE" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_takes_the_others_with_it(workplace: Path) -> None:
    (workplace / "notes.txt").write_text("mine")
    whole = content(begin("whole").directory)
    course, schema = len(whole["course.yml"]), len(whole["course.schema.json"])
    assert course < schema
    done = subprocess.run(
        [sys.executable, "-m", "bootstrap.cli.main", "init", "."],
        cwd=workplace,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        # Every file may have one byte more than course.yml needs: the schema does not fit.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (course + 1, course + 1)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "E-WRITE" in done.stderr
    assert sorted(path.name for path in workplace.iterdir()) == ["notes.txt", "whole"]

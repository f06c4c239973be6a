import hashlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bootstrap.core.errors import BootstrapError, UsageError
from bootstrap.course.load import load_course
from bootstrap.course.locate import shipped_courses
from tests.unit.course.broken import BROKEN, Broken
from tests.unit.course.conftest import COURSE


def _refusal(file: Path) -> UsageError:
    with pytest.raises(UsageError) as caught:
        load_course(file)
    return caught.value


def test_a_course_is_read_with_where_it_lies(course_file: Path) -> None:
    loaded = load_course(course_file)

    assert loaded.path == course_file
    assert loaded.directory == course_file.parent
    assert loaded.digest == hashlib.sha256(course_file.read_bytes()).hexdigest()
    assert loaded.conda_lock == course_file.parent / "conda-lock.yml"
    assert loaded.requirements == course_file.parent / "requirements.txt"
    course = loaded.course
    assert course.name == "sample"
    assert course.requirements.disk == 10 * 1024**3
    assert course.requirements.memory == 3 * 1024**3 // 2
    assert course.services["mlflow"].port == 5000
    assert course.services["prefect"].deadline == 180
    assert course.services["postgres"].health is None
    assert course.images["postgres"].name == "docker.io/library/postgres"


def test_a_relative_path_gives_absolute_ones(
    course_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course_file.parent)
    assert load_course(Path("course.yml")).conda_lock == course_file.parent / "conda-lock.yml"


def test_what_is_read_cannot_be_changed(course_file: Path) -> None:
    course = load_course(course_file).course
    with pytest.raises(ValidationError, match="frozen"):
        course.name = "other"


@pytest.mark.parametrize("name", shipped_courses())
def test_shipped_courses_are_right(name: str) -> None:
    loaded = load_course(shipped_courses()[name])
    assert loaded.course.name == name


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.id)
def test_what_is_wrong_is_told_with_line_and_key(course_file: Path, case: Broken) -> None:
    text = case.text(COURSE)
    course_file.write_text(text)

    error = _refusal(course_file)

    assert error.code == case.code
    assert error.exit_code == 2
    assert error.remedy
    line = text[: text.index(case.mark)].count("\n") + 1
    expected = f"{course_file}:{line}: {case.key}: "
    told = [said for said in error.what.splitlines() if said.startswith(expected)]
    assert told, error.what
    assert case.saying in "\n".join(told)


def test_all_problems_are_told_at_once_in_the_order_of_lines(course_file: Path) -> None:
    text = COURSE
    for case in BROKEN[:3]:
        text = text.replace(case.old, case.new, 1)
    course_file.write_text(text)

    told = _refusal(course_file).what.splitlines()

    assert len(told) >= 3
    lines = [int(said.removeprefix(f"{course_file}:").split(":")[0]) for said in told]
    assert lines == sorted(lines)


def test_one_bad_line_is_told_once(course_file: Path) -> None:
    course_file.write_text(COURSE.replace("disk: 10 GiB", "disk: !!int ten"))
    assert len(_refusal(course_file).what.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "code", "saying"),
    [
        (b"", "E-COURSE-INVALID", "is empty"),
        (b"# only a comment\n", "E-COURSE-INVALID", "is empty"),
        (b"- a\n- b\n", "E-COURSE-INVALID", "is a list"),
        (b"hello\n", "E-COURSE-INVALID", "is a single value"),
        (b"version: 1\nname: [a\n", "E-COURSE-SYNTAX", ":3:1: "),
        (b"version: 1\n\tname: a\n", "E-COURSE-SYNTAX", ":2:1: "),
        (b"version: 1\nname: *nobody\n", "E-COURSE-SYNTAX", ":2:7: "),
        (b"version: 1\n---\nversion: 1\n", "E-COURSE-SYNTAX", ":2:1: "),
        (b"version: 1\nname: \x00\n", "E-COURSE-SYNTAX", ":2:"),
        (b"version: 1\nname: \xff\xfe\n", "E-COURSE-SYNTAX", ":2:7: not text in UTF-8"),
        (b"\x7fELF\x02\x01\x01" + bytes(range(256)), "E-COURSE-SYNTAX", "UTF-8"),
        (b"a: " + b"[" * 900 + b"]" * 900, "E-COURSE-SYNTAX", "nested deeper"),
        (b"[" * 100_000, "E-COURSE-SYNTAX", ""),
        (b"- " * 100_000, "E-COURSE-SYNTAX", ""),
        (b"#" * (2 << 20), "E-COURSE-SYNTAX", "too large"),
        (b"version: 2\nanything: else\n", "E-COURSE-VERSION", "it reads: 1"),
        (b"version: '1'\n", "E-COURSE-VERSION", "'1'"),
        (b"version: true\n", "E-COURSE-VERSION", "True"),
        (b"version: 1.0\n", "E-COURSE-VERSION", "1.0"),
        (b"version: [1]\n", "E-COURSE-VERSION", "[1]"),
        (b"version:\n", "E-COURSE-VERSION", "None"),
        (b"a: &a [*a]\n", "E-COURSE-INVALID", "aliases"),
        (b"a: &a {x: 1}\nb: *a\n", "E-COURSE-INVALID", "aliases"),
        (b"a: !!python/object:os.system {}\n", "E-COURSE-INVALID", "tag"),
        (b"a: !!python/name:os.system ''\n", "E-COURSE-INVALID", "tag"),
        (b"version: 0x" + b"f" * 9000 + b"\n", "E-COURSE-VERSION", "None"),
        (b"version: 1\nname: " + b"9" * 9000 + b"\n", "E-COURSE-INVALID", "is no int"),
        (b"a: !!int ten\n", "E-COURSE-INVALID", "'ten' is no int"),
        (b"? [a, b]\n: c\n", "E-COURSE-INVALID", "a key must be a word"),
        (b'"\\e[2Jx": 1\n', "E-COURSE-INVALID", "'\\x1b[2Jx': is not a key here"),
    ],
)
def test_files_that_are_no_course(
    course_file: Path, content: bytes, code: str, saying: str
) -> None:
    course_file.write_bytes(content)
    error = _refusal(course_file)
    assert error.code == code
    assert saying in error.what
    assert str(course_file) in error.where
    assert error.what.isprintable() or "\n" in error.what


@pytest.mark.parametrize("name", ["absent.yml", ".", "nul\0.yml", "x" * 300, "course.yml/below"])
def test_a_file_that_cannot_be_read(course_file: Path, name: str) -> None:
    assert _refusal(course_file.parent / name).code == "E-COURSE-MISSING"


@pytest.mark.parametrize("lock", ["conda-lock.yml", "requirements.txt"])
def test_a_lock_that_is_not_there(course_file: Path, lock: str) -> None:
    (course_file.parent / lock).unlink()
    error = _refusal(course_file)
    assert error.code == "E-COURSE-LOCK-MISSING"
    assert lock in error.what


_SAMPLES = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text(alphabet="{}[]:,-&*!?|>'\"% \n\tab1~<.", max_size=60).map(str.encode),
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(_SAMPLES)
@example(b"a: !!timestamp 1-1-1T")
@example(b"a: !!float x")
@example(b"a: !!binary '/'")
@example(b"a: !!null x")
@example(b"a: !!bool x")
@example(b"a: 1:99999999999:1.5e999")
@example(b"<<: [a]")
def test_no_bytes_are_a_crash(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "course.yml"
    file.write_bytes(content)
    with pytest.raises(BootstrapError):
        load_course(file)


_VALUES = st.sampled_from(
    ["", "null", "true", "-1", "0", "1e9", "[]", "{}", "[[]]", "{a: {b: []}}", "'', ''",
     "2024-01-01", "~", "'\\0'", "{{}", "9999999999999999999999", ".nan", "!!set {a}", "? x"]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, COURSE.count("\n") - 1), _VALUES)
def test_no_odd_value_is_a_crash(tmp_path: Path, number: int, value: str) -> None:
    lines = COURSE.splitlines()
    lines[number] = lines[number].partition(":")[0] + ": " + value
    for lock in ("conda-lock.yml", "requirements.txt"):
        (tmp_path / lock).touch()
    file = tmp_path / "course.yml"
    file.write_text("\n".join(lines))
    with suppress(BootstrapError):
        load_course(file)

"""Locks are made of specifications: by the real solvers, from an index and a channel on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import yaml
from conda_lock.lockfile import parse_conda_lock_file

from bootstrap.core.errors import BootstrapError, UsageError
from bootstrap.course.load import load_course
from bootstrap.course.requirements import read_requirements
from tests.unit.locking.conftest import Course, Edit
from tests.unit.locking.index import ANY, ARM, X86
from tests.unit.locking.snapshot import fact, write_snapshot


def refusal(course: Course, *update: str, code: str) -> BootstrapError:
    before = {p: p.read_bytes() for p in course.folder.iterdir()}
    with pytest.raises(BootstrapError) as caught:
        course.lock(*update)
    assert caught.value.code == code, str(caught.value)
    assert {p: p.read_bytes() for p in course.folder.iterdir()} == before, "something was written"
    return caught.value


def test_a_course_is_locked_checked_and_loaded(course: Course) -> None:
    pure = course.index.add("pure", "1.0", needs=("compiled>=2",))
    course.index.add("compiled", "2.0", X86, ARM, "cp313-cp313-manylinux_2_28_x86_64")
    course.asks("pure  # a comment")
    made = course.lock()
    assert {c.package for c in made.changes} >= {"pure", "compiled", "python (linux-aarch64)"}
    pins = {pin.name: pin for pin in read_requirements(course.folder / "requirements.txt")}
    assert pins["pure"].hashes == (pure,)
    assert len(pins["compiled"].hashes) == 2, "one for each platform, none for another Python"
    assert pins["compiled"].marker is None
    assert course.check() == ()
    loaded = load_course(course.path)
    digest = hashlib.sha256((course.folder / "requirements.txt").read_bytes()).hexdigest()
    assert loaded.course.environment.wheels.sha256 == digest
    assert "127.0.0.1" not in (course.folder / "requirements.txt").read_text()


def test_conda_lock_itself_reads_the_lock(course: Course) -> None:
    course.asks()
    course.lock()
    lock = parse_conda_lock_file(course.folder / "conda-lock.yml")
    assert lock.metadata.platforms == ["linux-64", "linux-aarch64"]
    assert {p.name for p in lock.package if p.platform == "linux-64"} >= {"python", "openssl"}
    assert all(p.hash.sha256 and p.hash.md5 for p in lock.package)


def test_locking_again_changes_nothing(course: Course) -> None:
    course.index.add("pure", "1.0")
    course.asks("pure")
    course.lock()
    made = course.make()
    assert made.changes == ()
    assert made.write() == ()


def test_the_rest_of_course_yml_stays_byte_for_byte(course: Course) -> None:
    course.index.add("pure", "1.0")
    course.asks("pure")
    odd = course.path.read_text().replace("title: ", "title:   ").replace("\n", "\r\n")
    course.path.write_bytes(odd.encode() + b"# the end, without a newline")
    before = course.path.read_bytes()
    course.lock()
    after = course.path.read_bytes()
    added = [line for line in after.split(b"\r\n") if line.startswith(b"    sha256: ")]
    assert len(added) == 2
    assert b"\r\n".join(line for line in after.split(b"\r\n") if line not in added) == before


def test_a_digest_that_is_there_is_replaced(course: Course) -> None:
    course.index.add("pure", "1.0")
    course.asks("pure")
    course.lock()
    first = course.path.read_text()
    course.index.add("pure", "1.1")
    course.lock()
    second = course.path.read_text()
    differ = [
        (a, b) for a, b in zip(first.splitlines(), second.splitlines(), strict=True) if a != b
    ]
    assert [a.split(":")[0].strip() for a, _ in differ] == ["sha256"]
    assert course.check() == ()


def test_a_part_in_braces_is_refused(course: Course, edit: Edit) -> None:
    course.asks()
    old = "  conda:\n    lock: conda-lock.yml\n    specification: environment.yml\n"
    edit("course.yml", old, "  conda: {lock: conda-lock.yml, specification: environment.yml}\n")
    error = refusal(course, code="E-COURSE-INVALID")
    assert error.where.startswith(f"{course.path}:")


def test_update_changes_only_what_it_names(course: Course) -> None:
    for name in ("one", "two"):
        course.index.add(name, "1.0")
    course.asks("one", "two")
    course.lock()
    conda = (course.folder / "conda-lock.yml").read_bytes()
    for name in ("one", "two"):
        course.index.add(name, "1.1")
    made = course.lock("one")
    assert [(c.package, c.old, c.new, c.why) for c in made.changes] == [
        ("one", "1.0", "1.1", "asked for: one")
    ]
    assert (course.folder / "conda-lock.yml").read_bytes() == conda
    assert course.check() == ()


def test_update_takes_in_what_is_new_in_the_specification(course: Course) -> None:
    course.index.add("one", "1.0")
    course.asks("one")
    course.lock()
    course.index.add("one", "1.1")
    course.index.add("two", "1.0")
    course.asks("one", "two")
    made = course.lock("two")
    assert [(c.package, c.old, c.new) for c in made.changes] == [("two", "", "1.0")]
    assert course.check() == ()


def test_update_of_a_conda_package_leaves_the_wheels(course: Course) -> None:
    course.index.add("one", "1.0")
    course.asks("one")
    course.lock()
    course.index.add("one", "1.1")
    newer = fact("openssl") | {"version": "3.99.0", "filename": "openssl-3.99.0-h1_0.conda",
                               "build": "h1_0", "sha256": "ab" * 32, "md5": "cd" * 16}  # fmt: skip
    facts = [fact(f, s) for f, s in _everything()]
    write_snapshot(course.snapshot, [*facts, newer])
    made = course.lock("openssl")
    assert [c.package for c in made.changes] == ["openssl (linux-64)"]
    assert "one==1.0" in (course.folder / "requirements.txt").read_text()


def _everything() -> list[tuple[str, str]]:
    from tests.unit.locking.snapshot import FACTS

    return [(f["name"], f["subdir"]) for f in FACTS["packages"]]


def test_a_package_that_nobody_has_is_named_with_its_line(course: Course) -> None:
    course.index.add("pure", "1.0")
    course.asks("pure", "nowhere-at-all>=3")
    error = refusal(course, code="E-LOCK-NO-PACKAGE")
    assert "nowhere-at-all" in error.what
    assert error.where == f"{course.folder / 'requirements.in'}:2"


def test_a_version_that_nobody_has_is_named(course: Course) -> None:
    course.index.add("pure", "1.0")
    course.asks("pure>=2")
    assert "pure" in refusal(course, code="E-LOCK-NO-PACKAGE").what


def test_a_conda_package_that_nobody_has_is_named_with_its_line(course: Course) -> None:
    course.asks(conda="python=3.12.13\n  - nowhere>1")
    error = refusal(course, code="E-LOCK-NO-PACKAGE")
    assert "nowhere" in error.what
    assert error.where == f"{course.folder / 'environment.yml'}:4"


def test_a_conflict_shows_the_solvers_own_explanation(course: Course) -> None:
    course.index.add("left", "1.0", needs=("shared<2",))
    course.index.add("right", "1.0", needs=("shared>=2",))
    course.index.add("shared", "1.0")
    course.index.add("shared", "2.0")
    course.asks("left", "right")
    error = refusal(course, code="E-LOCK-CONFLICT")
    said = " ".join(error.what.partition("\n")[2].split())
    for part in ("left depend on shared<2", "right depend on shared>=2", "unsatisfiable"):
        assert part in said
    assert not {"hint:", "error:", "markers"} & set(said.split())


def test_a_conda_conflict_shows_the_solvers_own_explanation(course: Course) -> None:
    file = "demanding-1.0.8-hda65f42_9.conda"
    demanding = fact("bzip2") | {"name": "demanding", "filename": file, "depends": ["openssl <1"]}
    also = demanding | {"subdir": "linux-aarch64"}
    facts = [fact(f, s) for f, s in _everything()]
    write_snapshot(course.snapshot, [*facts, demanding, also])
    course.asks(conda="python=3.12.13\n  - demanding")
    error = refusal(course, code="E-LOCK-CONFLICT")
    assert "demanding" in error.what
    assert "openssl" in error.what


def test_only_a_source_is_no_package_for_a_student(course: Course) -> None:
    course.index.add_source("sourced", "1.0")
    course.asks("sourced")
    error = refusal(course, code="E-LOCK-NO-WHEEL")
    assert "sourced" in error.what
    assert error.where == f"{course.folder / 'requirements.in'}:1"


def test_a_wheel_for_one_platform_only_is_refused(course: Course) -> None:
    course.index.add("narrow", "1.0", X86)
    course.asks("narrow")
    error = refusal(course, code="E-LOCK-NO-WHEEL")
    assert "narrow" in error.what
    assert "aarch64" in error.what
    course.lock(platforms=("linux-64",))
    assert len(read_requirements(course.folder / "requirements.txt")) == 1


def test_a_wheel_for_a_newer_glibc_is_refused(course: Course) -> None:
    course.index.add("new", "1.0", *(t.replace("2_28", "2_39") for t in (X86, ARM)))
    course.asks("new")
    assert "new" in refusal(course, code="E-LOCK-NO-WHEEL").what


def test_a_package_for_one_platform_by_marker_keeps_its_marker(course: Course) -> None:
    course.index.add("narrow", "1.0", X86)
    course.asks('narrow; platform_machine == "x86_64"')
    course.lock()
    (pin,) = read_requirements(course.folder / "requirements.txt")
    assert pin.marker == "platform_machine == 'x86_64'"
    assert course.check() == ()


def test_a_withdrawn_release_is_refused(course: Course) -> None:
    course.index.add("broken", "1.0", yanked="leaks passwords")
    course.index.add("broken", "0.9")
    course.asks("broken==1.0")
    error = refusal(course, code="E-LOCK-YANKED")
    assert "broken==1.0" in error.what
    assert error.where == f"{course.folder / 'requirements.in'}:1"
    course.asks("broken")
    course.lock()
    assert "broken==0.9" in (course.folder / "requirements.txt").read_text()


def test_files_of_a_release_that_changed_are_refused(course: Course) -> None:
    old = course.index.add("pure", "1.0", ANY)
    course.asks("pure")
    course.lock()
    new = course.index.add("pure", "1.0", ANY, needs=("surprise",))
    course.index.add("surprise", "6.6.6")
    error = refusal(course, code="E-LOCK-HASH-CHANGED")
    assert "pure==1.0" in error.what
    assert old in error.what
    assert new in error.what


def test_a_platform_less_is_no_change_of_files(course: Course) -> None:
    course.index.add("compiled", "1.0", X86, ARM)
    course.asks("compiled")
    course.lock()
    course.lock(platforms=("linux-64",))
    (pin,) = read_requirements(course.folder / "requirements.txt")
    assert len(pin.hashes) == 1
    course.lock()
    course.index.add("compiled", "1.0", X86, ARM, needs=("surprise",))
    course.index.add("surprise", "6.6.6")
    with pytest.raises(BootstrapError, match="E-LOCK-HASH-CHANGED"):
        course.lock(platforms=("linux-64",))


def test_more_files_of_a_release_are_no_change(course: Course) -> None:
    course.index.add("pure", "1.0", ANY)
    course.asks("pure")
    course.lock()
    course.index.add("pure", "1.0", X86)
    made = course.lock()
    assert made.changes == ()
    (pin,) = read_requirements(course.folder / "requirements.txt")
    assert len(pin.hashes) == 2


def test_a_conda_archive_that_changed_is_refused(course: Course) -> None:
    course.asks()
    course.lock()
    facts = [fact(f, s) for f, s in _everything()]
    for one in facts:
        if (one["name"], one["subdir"]) == ("openssl", "linux-64"):
            one["sha256"] = "ee" * 32
    write_snapshot(course.snapshot, facts)
    error = refusal(course, code="E-LOCK-HASH-CHANGED")
    assert "ee" * 32 in error.what
    assert fact("openssl")["sha256"] in error.what
    assert fact("openssl")["filename"] in error.where


@pytest.mark.parametrize("missing", ["sha256", "md5"])
def test_a_channel_without_a_digest_is_refused(course: Course, missing: str) -> None:
    facts = [fact(f, s) for f, s in _everything()]
    for one in facts:
        if one["name"] == "libffi":
            del one[missing]
    write_snapshot(course.snapshot, facts)
    course.asks()
    error = refusal(course, code="E-LOCK-UNPINNED")
    assert fact("libffi")["filename"] in error.where or "libffi" in error.where


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-r other.txt", "requirement"),
        ("pandas >> 2", "requirement"),
        ("pkg @ https://example.org/pkg.whl", "address"),
        ("./here", "requirement"),
    ],
)
def test_what_is_no_requirement_is_named_with_its_line(
    course: Course, line: str, said: str
) -> None:
    course.asks("# first", line)
    error = refusal(course, code="E-LOCK-SPECIFICATION")
    assert said in error.what
    assert error.where == f"{course.folder / 'requirements.in'}:2"


@pytest.mark.parametrize(
    "text",
    ["dependencies: [python]\n", "channels: [conda-forge]\n", ": :\n", "channels: [a]\nde: {\n",
     "channels: [conda-forge]\ndependencies:\n  - python\n  - pip:\n    - pandas\n"],
)  # fmt: skip
def test_an_environment_file_that_cannot_be_read_is_named(course: Course, text: str) -> None:
    course.asks()
    (course.folder / "environment.yml").write_text(text)
    error = refusal(course, code="E-LOCK-SPECIFICATION")
    assert "environment.yml" in error.where


def test_a_specification_that_is_not_there_is_named(course: Course) -> None:
    course.asks()
    (course.folder / "requirements.in").unlink()
    assert "requirements.in" in refusal(course, code="E-LOCK-SPECIFICATION").where


def test_without_any_specification_there_is_nothing_to_lock(course: Course, edit: Edit) -> None:
    edit("course.yml", "    specification: environment.yml\n", "")
    edit("course.yml", "    specification: requirements.in\n", "")
    refusal(course, code="E-LOCK-NO-SPECIFICATION")


def test_wheels_need_a_python(course: Course) -> None:
    course.index.add("pure", "1.0")
    course.asks("pure", conda="openssl")
    refusal(course, code="E-LOCK-NO-PYTHON")


def test_an_unknown_name_to_update_is_refused_with_the_nearest(course: Course) -> None:
    course.index.add("pandas", "1.0")
    course.asks("pandas")
    course.lock()
    assert "'pandas'" in refusal(course, "pandsa", code="E-LOCK-NO-PACKAGE").what


def test_an_index_that_does_not_answer_is_named(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    course.asks("pure")
    assert "127.0.0.1:9" in refusal(course, code="E-HOST-UNREACHABLE").where


def test_a_snapshot_that_is_none_is_named(course: Course, tmp_path: Path) -> None:
    course.snapshot = tmp_path / "empty"
    course.snapshot.mkdir()
    course.asks()
    error = refusal(course, code="E-LOCK-NO-PACKAGE")
    assert "python" in error.what or str(course.snapshot) in error.where


def test_an_unknown_platform_is_refused(course: Course) -> None:
    course.asks()
    with pytest.raises(UsageError) as caught:
        course.lock(platforms=("linux-64", "win-64"))
    assert caught.value.code == "E-LOCK-PLATFORM"


def test_a_damaged_lock_is_made_anew(course: Course) -> None:
    course.index.add("pure", "1.0")
    course.asks("pure")
    course.lock()
    good = (course.folder / "conda-lock.yml").read_bytes()
    (course.folder / "conda-lock.yml").write_text("<<<<<<< HEAD\n")
    (course.folder / "requirements.txt").write_bytes(b"\xff\xfe")
    course.lock()
    assert (course.folder / "conda-lock.yml").read_bytes() == good
    assert course.check() == ()


def test_the_written_yaml_is_plain(course: Course) -> None:
    course.asks()
    course.lock()
    data = yaml.safe_load((course.folder / "conda-lock.yml").read_text())
    assert data["version"] == 1
    assert data["metadata"]["sources"] == ["environment.yml"]

"""What is built when, and what a build that dies leaves behind."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.lab.build import HERE, SOURCES
from tests.lab.cache import build_once, default_cache, digest_of


def test_the_same_key_is_built_once(tmp_path: Path) -> None:
    built: list[Path] = []

    def build(target: Path) -> None:
        built.append(target)
        (target / "file").write_text("content")

    first = build_once(tmp_path, "part", "key", build)
    second = build_once(tmp_path, "part", "key", build)
    third = build_once(tmp_path, "part", "other", build)
    assert first == second != third
    assert len(built) == 2
    assert (first / "file").read_text() == "content"


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    def fail(target: Path) -> None:
        (target / "half").touch()
        raise RuntimeError("no network")

    with pytest.raises(RuntimeError, match="no network"):
        build_once(tmp_path, "part", "key", fail)
    assert [path.name for path in (tmp_path / "part").iterdir()] == [".lock"]


def test_what_a_killed_build_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / "part" / "tmp-dead").mkdir(parents=True)
    build_once(tmp_path, "part", "key", lambda target: None)
    assert sorted(path.name for path in (tmp_path / "part").iterdir()) == [".lock", "key"]


def test_two_builders_do_not_meet(tmp_path: Path) -> None:
    entered = threading.Semaphore(0)
    release = threading.Event()
    built: list[Path] = []

    def build(target: Path) -> None:
        built.append(target)
        entered.release()
        release.wait(5)

    def work() -> None:
        build_once(tmp_path, "part", "key", build)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert entered.acquire(timeout=5)
    release.set()
    for thread in threads:
        thread.join(5)
    assert len(built) == 1


def test_a_key_follows_content_and_inputs_alone(tmp_path: Path) -> None:
    one, two = tmp_path / "one" / "a.py", tmp_path / "two" / "a.py"
    for file in (one, two):
        file.parent.mkdir()
        file.write_text("x = 1\n")
    key = digest_of([one], {"python": "3.12.1"})
    assert digest_of([two], {"python": "3.12.1"}) == key
    assert digest_of([one], {"python": "3.12.2"}) != key
    two.write_text("x = 2\n")
    assert digest_of([two], {"python": "3.12.1"}) != key


def test_every_part_names_source_files_that_exist() -> None:
    for part, names in SOURCES.items():
        for name in names:
            assert (HERE / name).is_file(), f"{part} names {name}"


def test_the_cache_is_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MLOPS_LAB_CACHE", str(tmp_path / "named"))
    assert default_cache() == tmp_path / "named"
    monkeypatch.delenv("MLOPS_LAB_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "mlops-bootstrap-lab"

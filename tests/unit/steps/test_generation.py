from __future__ import annotations

from pathlib import Path

import pytest

from bootstrap.course.load import load_course
from bootstrap.course.locate import find_course
from bootstrap.generation import Generation
from bootstrap.generation.installed import COMPLETE
from bootstrap.host.paths import Paths


@pytest.fixture
def generation(tmp_path: Path) -> Generation:
    loaded = load_course(find_course(None, {}))
    made = Generation(loaded, "x86_64", Paths.of({"HOME": str(tmp_path)}))
    meta = made.prefix / "conda-meta"
    meta.mkdir(parents=True)
    for pin in made.conda:
        (meta / f"{pin.name}-{pin.version}-{pin.build}.json").write_text("{}")
    for wheel in made.wheels:
        info = site(made) / f"{wheel.name.replace('-', '_')}-{wheel.version}.dist-info"
        info.mkdir(parents=True)
        (info / "RECORD").write_text("")
        (info / "INSTALLER").write_text("uv")
    made.mark_complete()
    return made


def site(generation: Generation) -> Path:
    series = ".".join(generation.python.split(".")[:2])
    return generation.prefix / "lib" / f"python{series}" / "site-packages"


def test_a_whole_one_is_complete(generation: Generation) -> None:
    assert generation.missing() == ()
    assert generation.is_complete()


@pytest.mark.parametrize("gone", ["RECORD", "INSTALLER"])
def test_metadata_that_is_not_whole_counts_as_missing(generation: Generation, gone: str) -> None:
    (next(site(generation).glob("mlflow-*.dist-info")) / gone).unlink()
    assert len(generation.missing()) == 1


def test_a_removed_conda_package_counts_as_missing(generation: Generation) -> None:
    next((generation.prefix / "conda-meta").glob("python-*.json")).unlink()
    assert len(generation.missing()) == 1


@pytest.mark.parametrize(
    "marker", [b"", b"{", b"[]", b"null", b'{"digest": "another"}', b'{"digest": 1}', b"\xff\xfe"]
)
def test_an_edited_marker_proves_nothing(generation: Generation, marker: bytes) -> None:
    (generation.prefix / COMPLETE).write_bytes(marker)
    assert not generation.is_complete()


def test_a_marker_of_work_that_goes_on(generation: Generation) -> None:
    generation.mark_incomplete()
    generation.mark_incomplete()
    assert not generation.is_complete()
    (generation.prefix / COMPLETE).mkdir()
    assert not generation.is_complete()

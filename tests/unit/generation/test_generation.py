from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bootstrap.core.errors import BootstrapError
from bootstrap.course.load import load_course
from bootstrap.course.locate import find_course
from bootstrap.generation import Generation
from bootstrap.generation.installed import COMPLETE, KEPT, Installed
from bootstrap.host.paths import Paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.of({"HOME": str(tmp_path)})


@pytest.fixture
def generation(paths: Paths) -> Generation:
    made = Generation(load_course(find_course(None, {})), "x86_64", paths)
    meta = made.prefix / "conda-meta"
    meta.mkdir(parents=True)
    for pin in made.conda:
        (meta / f"{pin.name}-{pin.version}-{pin.build}.json").write_text('{"files": []}')
    for wheel in made.wheels:
        add(made, wheel.name.replace("-", "_"), wheel.version)
    made.mark_complete()
    return made


def add(generation: Generation, name: str, version: str) -> Path:
    info = site(generation) / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").write_text("")
    (info / "INSTALLER").write_text("uv")
    return info


def site(generation: Generation) -> Path:
    series = ".".join(generation.python.split(".")[:2])
    return generation.prefix / "lib" / f"python{series}" / "site-packages"


def drift(generation: Generation) -> list[tuple[str, str, str, str]]:
    installed = Installed.read(generation.prefix)
    assert installed
    return [(d.package, d.kind, d.found, d.wanted) for d in installed.drift()]


def test_a_whole_one_is_complete_and_has_not_drifted(generation: Generation) -> None:
    assert generation.missing() == ()
    assert generation.is_complete()
    assert drift(generation) == []


@pytest.mark.parametrize("gone", ["RECORD", "INSTALLER"])
def test_metadata_that_is_not_whole_counts_as_missing(generation: Generation, gone: str) -> None:
    (next(site(generation).glob("mlflow-*.dist-info")) / gone).unlink()
    assert [one.package for one in generation.missing()] == ["mlflow"]


def test_a_removed_conda_package_counts_as_missing(generation: Generation) -> None:
    next((generation.prefix / "conda-meta").glob("python-*.json")).unlink()
    assert [(one.package, one.found) for one in generation.missing()] == [("python", "")]


def test_drift_is_told_by_name_with_found_and_wanted(generation: Generation) -> None:
    seaborn = next(site(generation).glob("seaborn-*.dist-info"))
    locked = seaborn.name.removeprefix("seaborn-").removesuffix(".dist-info")
    shutil.rmtree(seaborn)
    add(generation, "seaborn", "0.1")
    tqdm = next(site(generation).glob("tqdm-*.dist-info"))
    shutil.rmtree(tqdm)
    add(generation, "Typing_Extra.s", "1.0+local.1")
    (generation.prefix / "conda-meta" / "my-tool-1.0-h1_0.json").write_text('{"files": []}')
    assert drift(generation) == [
        ("my-tool", "conda", "1.0-h1_0", ""),
        ("seaborn", "wheel", "0.1", locked),
        ("tqdm", "wheel", "", tqdm.name.removeprefix("tqdm-").removesuffix(".dist-info")),
        ("typing-extra-s", "wheel", "1.0+local.1", ""),
    ]
    # What somebody added is not for `up` to take away.
    assert [one.package for one in generation.missing()] == ["seaborn", "tqdm"]


def test_what_conda_brings_is_no_addition(generation: Generation) -> None:
    info = add(generation, "menuinst", "2.0")
    assert [name for name, *_ in drift(generation)] == ["menuinst"]
    file = info.relative_to(generation.prefix) / "METADATA"
    owner = next((generation.prefix / "conda-meta").glob("python-*.json"))
    owner.write_text(f'{{"files": ["bin/python", "{file}"]}}')
    assert drift(generation) == []


@pytest.mark.parametrize(
    "marker",
    [
        b"", b"{", b"[]", b"null", b'{"digest": "another"}', b'{"digest": 1}', b"\xff\xfe",
        b'{"version": 2, "digest": "DIGEST", "python": "3.12.1", "conda": [], "wheels": []}',
        b'{"version": 1, "digest": "DIGEST", "python": "3.12.1", "conda": {}, "wheels": {}}',
    ],
)  # fmt: skip
def test_an_edited_marker_proves_nothing(generation: Generation, marker: bytes) -> None:
    marker = marker.replace(b"DIGEST", generation.digest.encode())
    (generation.prefix / COMPLETE).write_bytes(marker)
    assert not generation.is_complete()


def test_a_marker_of_work_that_goes_on(generation: Generation) -> None:
    generation.mark_incomplete()
    generation.mark_incomplete()
    assert not generation.is_complete()
    (generation.prefix / COMPLETE).mkdir()
    assert not generation.is_complete()


def test_a_generation_can_be_read_from_the_locks_that_it_keeps(
    generation: Generation, paths: Paths
) -> None:
    kept = Generation.kept(generation.prefix, "x86_64", paths)
    assert (kept.digest, kept.course) == (generation.digest, "mlops-zoomcamp")
    assert kept.requirements.is_relative_to(generation.prefix)
    assert (kept.conda, kept.wheels) == (generation.conda, generation.wheels)
    kept.mark_incomplete()
    kept.mark_complete()  # its locks are its own: they stay what they are
    assert Generation.kept(generation.prefix, "x86_64", paths).is_complete()


@pytest.mark.parametrize("edited", [False, True])
def test_without_its_own_locks_it_cannot_be_read(
    generation: Generation, paths: Paths, edited: bool
) -> None:
    lock = generation.prefix / KEPT / "requirements.txt"
    if edited:
        lock.write_text(lock.read_text() + "# edited\n")
    else:
        lock.unlink()
    with pytest.raises(BootstrapError) as caught:
        Generation.kept(generation.prefix, "x86_64", paths)
    assert caught.value.code == "E-GENERATION-LOCKS"
    assert "mlops-bootstrap update" in caught.value.remedy

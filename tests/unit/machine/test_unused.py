"""What `gc` takes and what it leaves."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from bootstrap.core.cancel import Cancel
from bootstrap.host.host import this_machine
from bootstrap.machine.unused import find_unused
from tests.unit.machine.conftest import Home

LARGE = 10_000_000
"""Bytes, many times what the folders of a home without content take."""


def found(home: Home, held: str = "") -> dict[str, str]:
    """What would go: name -> what it is."""
    items = find_unused(home.draw(held), home.host).items
    return {Path(item.name).name: item.what for item in items}


def test_current_previous_and_wanted_generations_stay(home: Home) -> None:
    first = home.install()
    home.lock_without("seaborn")
    home.install()
    assert found(home) == {}
    home.lock_without("tqdm")
    assert found(home) == {}  # the wanted one is not there yet, and the others have their links
    home.install()
    assert found(home) == {first.prefix.name: "environment"}
    assert found(home, held=first.digest) == {}


def test_a_home_that_is_reached_by_another_way_keeps_its_generations(
    home: Home, tmp_path: Path
) -> None:
    home.install()
    home.lock_without("seaborn")
    home.install()
    (tmp_path / "another-way").symlink_to(home.host.paths.home)
    environ = {**home.host.environ, "HOME": str(tmp_path / "another-way")}
    moved = Home(this_machine(environ)[1], home.course)
    home.lock_without("tqdm")
    assert found(moved) == {}


def test_half_installed_leftovers_go_and_what_is_wanted_next_stays(home: Home) -> None:
    home.install()
    home.lock_without("seaborn")
    home.draw().generation.prefix.mkdir()
    (home.host.paths.environments / "mlops-zoomcamp-0123456789ab").mkdir()
    (home.host.paths.environments / "my-own-folder").mkdir()
    assert found(home) == {"mlops-zoomcamp-0123456789ab": "half-installed environment"}


def test_packages_of_no_kept_generation_go(home: Home) -> None:
    generation = home.install()
    cache = home.host.paths.cache / "conda"
    name, version = next(iter(generation.contents.conda.items()))
    for entry in (f"{name}-{version}", "old-1.0-h_0"):
        (cache / entry).mkdir(parents=True)
        (cache / f"{entry}.lock").touch()
    (cache / ".cache.lock").touch()
    archives = home.host.paths.cache / "conda-archives"
    archives.mkdir()
    assert found(home) == {"old-1.0-h_0": "conda package", "conda-archives": "conda archives"}
    generation.mark_incomplete()  # an install goes on with what it fetched
    assert found(home) == {"old-1.0-h_0": "conda package"}
    generation.mark_complete()
    find_unused(home.draw(), home.host).remove(home.host, Cancel())
    assert sorted(path.name for path in cache.iterdir()) == [
        ".cache.lock", f"{name}-{version}", f"{name}-{version}.lock",
    ]  # fmt: skip
    assert not archives.exists()


def test_what_has_links_elsewhere_frees_nothing_until_they_go(home: Home) -> None:
    first = home.install()
    for name in ("seaborn", "tqdm"):
        home.lock_without(name)
        home.install()
    packed = home.host.paths.cache / "conda" / "old-1.0-h_0" / "lib.so"
    packed.parent.mkdir(parents=True)
    packed.write_bytes(b"x" * LARGE)
    (first.prefix / "lib.so").hardlink_to(packed)
    assert sizes(home)["environment"] < LARGE <= sizes(home)["conda package"] < 1.1 * LARGE
    home.course.with_name("mine").hardlink_to(packed)
    assert sizes(home)["conda package"] < LARGE


def sizes(home: Home) -> dict[str, int]:
    return {item.what: item.size for item in find_unused(home.draw(), home.host).items}


def test_an_environment_in_which_something_runs_stays(home: Home) -> None:
    old = home.host.paths.environments / "mlops-zoomcamp-0123456789ab"
    home.install()
    (old / "bin").mkdir(parents=True)
    program = old / "bin" / "sleep"
    shutil.copy(shutil.which("sleep") or "", program)
    with subprocess.Popen([program, "60"]) as running:
        try:
            findings = find_unused(home.draw(), home.host)
            assert findings.items == ()
            assert f"process {running.pid} runs from it" in findings.notes[0]
        finally:
            running.kill()
    assert found(home) == {old.name: "half-installed environment"}


def test_without_an_engine_images_are_not_looked_at(home: Home) -> None:
    home.install()
    (note,) = find_unused(home.draw(), home.host).notes
    assert note.startswith("Docker Engine does not answer")

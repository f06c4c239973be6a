import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bootstrap.core.errors import BootstrapError, UsageError
from bootstrap.course.locate import shipped_courses
from bootstrap.course.locks import read_conda_lock

SHIPPED = shipped_courses()["mlops-zoomcamp"].parent / "conda-lock.yml"
LOCK = """\
version: 1
metadata: {platforms: [linux-64, linux-aarch64]}
package:
- name: bzip2
  version: 1.0.8
  manager: conda
  platform: linux-64
  dependencies:
    __glibc: '>=2.17,<3.0.a0'
    libgcc: ''
  url: https://conda.anaconda.org/conda-forge/linux-64/bzip2-1.0.8-hda65f42_9.conda
  hash:
    md5: a9f577daf3de00bca7c3c76c0ecbd1de
    sha256: 1dd3fffd892081df9726d7eb7e0dea6198962ba775bd88842135a4ddb4deb3c9
  category: main
  optional: false
- name: tzdata
  version: '2025.10'
  manager: conda
  platform: linux-64
  dependencies: {}
  url: https://conda.anaconda.org/conda-forge/noarch/tzdata-2025.10-h78e105d_0.tar.bz2
  hash:
    sha256: 2222222222222222222222222222222222222222222222222222222222222222
- name: extra
  version: '1'
  manager: conda
  platform: linux-64
  dependencies: {}
  url: https://conda.anaconda.org/conda-forge/noarch/extra-1-0.conda
  hash:
    sha256: 3333333333333333333333333333333333333333333333333333333333333333
  optional: true
"""
SHA256 = "    sha256: 1dd3fffd892081df9726d7eb7e0dea6198962ba775bd88842135a4ddb4deb3c9\n"
URL = "https://conda.anaconda.org/conda-forge/linux-64/bzip2-1.0.8-hda65f42_9.conda"


@pytest.fixture
def lock(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Write a lock file and give its path."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "conda-lock.yml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def _refusal(path: Path, platform: str = "linux-64") -> UsageError:
    with pytest.raises(UsageError) as caught:
        read_conda_lock(path, platform)
    assert caught.value.remedy
    return caught.value


def test_pins_are_read(lock: Callable[[str], Path]) -> None:
    bzip2, tzdata = read_conda_lock(lock(LOCK), "linux-64")
    assert (bzip2.name, bzip2.version, bzip2.build) == ("bzip2", "1.0.8", "hda65f42_9")
    assert (bzip2.subdir, bzip2.filename) == ("linux-64", "bzip2-1.0.8-hda65f42_9.conda")
    assert bzip2.dependencies == ("__glibc >=2.17,<3.0.a0", "libgcc")
    assert bzip2.md5 == "a9f577daf3de00bca7c3c76c0ecbd1de"
    assert bzip2.url == URL
    # As it is written: a YAML number would be 2025.1.
    assert (tzdata.version, tzdata.subdir, tzdata.md5) == ("2025.10", "noarch", None)
    assert tzdata.build == "h78e105d_0"


@pytest.mark.parametrize(
    ("old", "new", "saying"),
    [
        (SHA256, "", "bzip2: hash.sha256: only an md5 is there"),
        (SHA256, "    sha256: 1dd3\n", "bzip2: hash.sha256: '1dd3' is not 64 hexadecimal digits"),
        (SHA256, SHA256.replace("1dd3", "1DD3"), "bzip2: hash.sha256: "),
        (SHA256, SHA256.replace("1dd3", "xyz3"), "bzip2: hash.sha256: "),
        ("    md5: a9f5", "    md5: zzzz", "bzip2: hash.md5: "),
        ("  manager: conda", "  manager: pip", "bzip2: manager: is pip, only conda"),
        ("  manager: conda\n", "", "bzip2: manager: is nothing"),
        ("  version: 1.0.8\n", "", "bzip2: version: is missing"),
        ("- name: bzip2\n  version", "- version", "a package: name: is missing"),
        (f"  url: {URL}\n", "", "bzip2: url: is missing"),
        (URL, "https://x/bzip2.zip", "bzip2: url: is not the address of a conda package"),
        (URL, "ftp://x/linux-64/bzip2-1.0.8-0.conda", "bzip2: url: is not the address"),
        (URL, "https://[x/linux-64/bzip2-1.0.8-0.conda", "bzip2: url: is not the address"),
        (URL, "https://x/linux-64/..%2Fbzip2-1.0.8-0.conda", "bzip2: url: is of ..,"),
        (URL, "https://x/osx-64/bzip2-1.0.8-0.conda", "bzip2: url: is of osx-64"),
        (URL, "https://x/linux-64/bzip2-1.0.9-0.conda", "is not version 1.0.8 of bzip2"),
        ("  category: main", "  build: other_0", "build: is other_0, the file is bzip2-1.0.8"),
        ("- name: tzdata", "- {name: [deep], version: 1, url: x}\n- name: tzdata", "is missing"),
    ],
)  # fmt: skip
def test_a_bad_entry_is_told_with_its_line(
    lock: Callable[[str], Path], old: str, new: str, saying: str
) -> None:
    assert old in LOCK
    path = lock(LOCK.replace(old, new, 1))
    for platform in ("linux-64", "linux-aarch64"):  # the file is right or it is not
        error = _refusal(path, platform)
        assert error.code == "E-LOCK-INVALID"
        line = 17 if "deep" in new else 4
        assert error.what.startswith(f"{path}:{line}: ")
        assert saying in error.what


def test_an_entry_that_is_there_twice(lock: Callable[[str], Path]) -> None:
    twice = LOCK + LOCK[LOCK.index("- name: bzip2") : LOCK.index("- name: tzdata")]
    path = lock(twice)
    line = twice[: twice.rindex("- name: bzip2")].count("\n") + 1
    assert _refusal(path).what == f"{path}:{line}: bzip2: name: is in the lock twice for linux-64"


def test_many_problems_are_cut(lock: Callable[[str], Path]) -> None:
    entries = "".join(f"- name: p{number}\n" for number in range(50))
    told = _refusal(lock(f"version: 1\npackage:\n{entries}")).what.splitlines()
    assert len(told) == 11
    assert told[-1] == "and 40 more"


@pytest.mark.parametrize("platform", ["linux-aarch64", "win-64"])
def test_a_platform_that_is_not_there(lock: Callable[[str], Path], platform: str) -> None:
    error = _refusal(lock(LOCK), platform)
    assert error.code == "E-LOCK-PLATFORM"
    assert error.what.endswith(f"no packages for {platform}, only for: linux-64")


@pytest.mark.parametrize(
    ("content", "saying"),
    [
        (b"", "no conda-lock file"),
        (b"- a", "no conda-lock file"),
        (b"version: 2\npackage: []", "no conda-lock file"),
        (b"version: 1\n", "list of packages is missing"),
        (b"version: 1\npackage: {}\n", "list of packages is missing"),
        (b"version: 1\npackage: [a]\n", "a package: name: is missing"),
        (b"version: 1\npackage: [\n", ":3: not YAML"),
        (b"version: 1\n\xff", ":2: not text in UTF-8"),
        (b"version: 1\n\x00", ":2: not YAML"),
        (b"- " * 100_000, "nested deeper"),
        (b"version: 1\npackage:\n- &a {name: *a, *a : x}\n", "a package: name: is missing"),
        (b"version: 1\npackage:\n- {name: &a [*a, {? *a : *a}]}\n", "a package: name: is missing"),
    ],
)
def test_files_that_are_no_lock(lock: Callable[[bytes], Path], content: bytes, saying: str) -> None:
    error = _refusal(lock(content))
    assert error.code == "E-LOCK-INVALID"
    assert saying in error.what


def test_a_lock_without_packages(lock: Callable[[str], Path]) -> None:
    error = _refusal(lock("version: 1\npackage: []\n"))
    assert (error.code, error.what[-7:]) == ("E-LOCK-PLATFORM", "nothing")


@pytest.mark.parametrize("name", ["absent.yml", ".", "nul\0"])
def test_a_lock_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    assert _refusal(tmp_path / name).code == "E-COURSE-LOCK-MISSING"


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, len(LOCK)), st.integers(0, 30), st.binary(max_size=6))
def test_no_damage_is_a_crash(tmp_path: Path, start: int, cut: int, put: bytes) -> None:
    path = tmp_path / "conda-lock.yml"
    content = LOCK.encode()
    path.write_bytes(content[:start] + put + content[start + cut :])
    try:
        pins = read_conda_lock(path, "linux-64")
    except BootstrapError:
        return
    for pin in pins:
        assert len(pin.sha256) == 64


def _conda_lock_says(path: Path) -> list[Any]:
    with warnings.catch_warnings():
        # Its own imports warn of what it carries from conda; not ours to mend.
        warnings.simplefilter("ignore")
        from conda_lock.lockfile import (  # type: ignore[import-untyped]  # it ships no types
            parse_conda_lock_file,
        )

        return list(parse_conda_lock_file(path).package)


@pytest.mark.parametrize("platform", ["linux-64", "linux-aarch64"])
def test_conda_lock_itself_reads_the_same(platform: str) -> None:
    theirs = {
        package.name: (
            package.version,
            package.url,
            package.hash.sha256,
            package.hash.md5,
            tuple(f"{name} {spec}".strip() for name, spec in package.dependencies.items()),
        )
        for package in _conda_lock_says(SHIPPED)
        if package.platform == platform
    }
    ours = {
        pin.name: (pin.version, pin.url, pin.sha256, pin.md5, pin.dependencies)
        for pin in read_conda_lock(SHIPPED, platform)
    }
    assert ours == theirs
    assert len(ours) > 10

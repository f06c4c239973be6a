"""Parquet files that a student has, told apart by their first and last bytes and by their name."""

from __future__ import annotations

from pathlib import Path

import pytest

from bootstrap.verify.areas.data import colour_of, damage, fetch_again, parquet_files

CONTENTS = {
    b"PAR1 data PAR1": "",
    b"PAR1PAR1": "",
    b"PAR1 data": "is cut off",
    b"PAR": "is no parquet file",
    b"": "is empty",
    b"<?xml version='1.0'?><Error>403</Error>": "is no parquet file",
    b"version https://git-lfs.github.com/spec/v1": "is no parquet file",
}


@pytest.mark.parametrize("content", CONTENTS)
def test_what_is_wrong_with_a_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    assert damage(tmp_path / "a.parquet") == CONTENTS[content]


def test_a_file_that_is_gone_by_now(tmp_path: Path) -> None:
    assert damage(tmp_path / "a.parquet") == "cannot be read: No such file or directory"


NAMES = {
    "green_tripdata_2023-01.parquet": "green",
    "fhv_tripdata_2021-01.parquet": "fhv",
    "fhvhv_tripdata_2021-01.parquet": "",
    "predictions.parquet": "",
}


@pytest.mark.parametrize("name", NAMES)
def test_the_colour_is_in_the_name(name: str) -> None:
    assert colour_of(Path(name), {"green": {}, "yellow": {}, "fhv": {}}) == NAMES[name]


def test_files_are_found_in_the_students_folders(tmp_path: Path) -> None:
    for name in ("repo/a/b.parquet", "repo/.git/c.parquet", "repo/d.csv", "data/e.parquet"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "data" / "folder.parquet").mkdir()
    found = parquet_files(tmp_path / "repo", tmp_path / "data", tmp_path / "absent")
    assert [file.name for file in found] == ["b.parquet", "e.parquet"]


def test_taxis_are_fetched_from_where_they_are_now() -> None:
    said = fetch_again(Path("/d/green_tripdata_2023-01.parquet"))
    assert said.startswith(
        "curl --fail --location --output /d/green_tripdata_2023-01.parquet https:"
    )
    assert said.endswith("/trip-data/green_tripdata_2023-01.parquet")
    assert fetch_again(Path("/d/own file.parquet")).startswith("rm '/d/own file.parquet'")

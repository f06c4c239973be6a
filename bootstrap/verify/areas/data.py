"""The tables of the lessons, and the model that the first module trains on them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from bootstrap.verify.check import Check, Finding, passed, skipped, warning
from bootstrap.verify.folders import walk
from bootstrap.verify.subject import Subject

ENGINES = ("pyarrow", "fastparquet")
TRIPS = "https://d37ci6vzurychx.cloudfront.net/trip-data"
"""Where the tables of New York's taxis are (nyc.gov/tlc); older addresses answer 403."""

MAGIC = b"PAR1"
"""How a parquet file begins and ends (parquet.apache.org, file format)."""

DEPTH = 4
MOST = 50
"""Files that are looked at."""


def _parquet(subject: Subject) -> Finding:
    if not subject.course.data:
        return skipped("the course names no tables")
    if why := _lacks(subject, *ENGINES):
        return skipped(why)
    told = subject.ask("tables", {n: dict(columns) for n, columns in subject.course.data.items()})
    return passed(f"{', '.join(told['tables'])}, {' and '.join(told['engines'])} crosswise")


def _model(subject: Subject) -> Finding:
    if not subject.course.data:
        return skipped("the course names no tables")
    if why := _lacks(subject, "pandas", "pyarrow", "scikit-learn"):
        return skipped(why)
    told = subject.ask("duration")
    return passed(f"RMSE {told['rmse']:.2f} minutes over {told['rows']} trips")


def _lacks(subject: Subject, *packages: str) -> str:
    contents = subject.generation.contents
    gone = [name for name in packages if not contents.has(name)]
    return f"the course's environment has no {' and no '.join(gone)}" if gone else ""


def _files(subject: Subject) -> Finding:
    files = parquet_files(subject.repository, subject.view.paths.home / "data")
    for file in files:
        if said := damage(file):
            return warning(f"{file} {said}", wanted="a parquet file", remedy=fetch_again(file))
    tables = {file: colour for file in files if (colour := colour_of(file, subject.course.data))}
    if not tables:
        return passed(f"{len(files)} parquet files" if files else "no parquet files yet")
    told = subject.ask("columns", [str(file) for file in tables])
    for file, colour in tables.items():
        found = told[str(file)]
        if isinstance(found, str):
            return warning(f"{file}: {found}", wanted="a parquet file", remedy=fetch_again(file))
        if gone := [name for name in subject.course.data[colour] if name not in found]:
            return warning(
                f"{file} has no {', '.join(gone)}{_like(found, subject.course.data)}",
                wanted=f"the columns of the {colour} taxis",
                remedy=fetch_again(file),
            )
    return passed(f"{len(files)} parquet files, {len(tables)} of them of taxis")


def parquet_files(*folders: Path) -> tuple[Path, ...]:
    """The parquet files of the student, the first few of them."""
    found = (file for top in folders for folder in walk(top, DEPTH)
             for file in sorted(folder.glob("*.parquet")) if file.is_file())  # fmt: skip
    return tuple(islice(found, MOST))


def damage(file: Path) -> str:
    """What is wrong with a file that should be parquet, by its first and last bytes."""
    try:
        with file.open("rb") as opened:
            begins = opened.read(len(MAGIC))
            opened.seek(-min(len(MAGIC), file.stat().st_size), 2)
            ends = opened.read()
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if begins != MAGIC:
        return "is no parquet file" if begins else "is empty"
    return "" if ends == MAGIC else "is cut off"


def colour_of(file: Path, tables: Mapping[str, object]) -> str:
    """The table that a file is named after: `green_tripdata_2023-01.parquet`."""
    return next((name for name in tables if file.name.startswith(f"{name}_tripdata")), "")


def _like(columns: list[str], tables: Mapping[str, Mapping[str, str]]) -> str:
    """What a table with these columns is, if it is known."""
    is_of = [name for name, wanted in tables.items() if set(wanted) <= set(columns)]
    return f": it is {is_of[0]}" if is_of else ""


def fetch_again(file: Path) -> str:
    """The command that gets a file anew."""
    name = shlex.quote(str(file))
    if "_tripdata_" in file.name:
        return f"curl --fail --location --output {name} {TRIPS}/{file.name}"
    return f"rm {name}  # and get or write it again"


CHECKS = (
    Check(
        "data.parquet",
        "The tables of the lessons are written and read by both parquet engines",
        _parquet,
        requires=("environment.abi", "environment.modules"),
    ),
    Check(
        "data.model",
        "The duration model of module 1 is trained, and has a finite error",
        _model,
        requires=("environment.abi", "environment.modules"),
    ),
    Check(
        "data.files",
        "Parquet files in the repository and in ~/data are whole, with the columns of their colour",
        _files,
        requires=("environment.abi",),
    ),
)

"""Writes and reads tables with both parquet engines, crosswise."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd

ENGINES = ("pyarrow", "fastparquet")
ROWS = 300
NULL_SHARE = 0.6
"""Of a nullable column; most location ids of the taxi table `fhv` are missing."""


def made(columns: dict[str, str], seed: int) -> pd.DataFrame:
    """A table of random rows; the same for the same seed."""
    random = np.random.default_rng(seed)
    return pd.DataFrame({name: column(kind, random) for name, kind in columns.items()})


def column(kind: str, random: np.random.Generator) -> pd.Series:
    """Values of one kind of column, as course.yml names the kinds."""
    if kind == "timestamp":
        seconds = random.integers(1_609_459_200, 1_640_995_200, ROWS)  # in the year 2021
        return pd.Series((seconds * 1_000_000).astype("datetime64[us]"))
    if kind == "integer":
        return pd.Series(random.integers(1, 266, ROWS))
    if kind == "float":
        return pd.Series(random.random(ROWS) * 50)
    if kind == "nullable float":
        values = pd.Series(random.integers(1, 266, ROWS).astype("float64"))
        values[random.random(ROWS) < NULL_SHARE] = np.nan
        return values
    if kind == "text":
        return pd.Series([f"text {number} ü" for number in random.integers(0, 50, ROWS)])
    raise ValueError(f"no such kind of column: {kind}")


def compare(kind: str, written: pd.Series, read: pd.Series) -> None:
    """Raise AssertionError where type or values differ. Units of time and of text may differ."""
    if kind == "timestamp":
        assert read.dtype.kind == "M", f"a timestamp was read as {read.dtype}"
        read, written = (values.astype("datetime64[us]") for values in (read, written))
    elif kind == "text":
        read, written = (values.astype(object) for values in (read, written))
    pd.testing.assert_series_equal(read, written)


def main(question: Path, answer: Path) -> None:
    """Question: table -> column -> kind. Answer: {"tables", "rows", "engines"}."""
    tables = json.loads(question.read_text())
    for seed, (name, columns) in enumerate(sorted(tables.items())):
        table = made(columns, seed)
        for writer in ENGINES:
            file = question.parent / f"{name}-{writer}.parquet"
            table.to_parquet(file, engine=writer, index=False)
            for reader in ENGINES:
                read = pd.read_parquet(file, engine=reader)
                assert list(read.columns) == list(columns), f"columns: {list(read.columns)}"
                for title, kind in columns.items():
                    try:
                        compare(kind, table[title], read[title])
                    except AssertionError as error:
                        said = " ".join(str(error).split())
                        path = f"{name}.{title} written by {writer}, read by {reader}"
                        raise SystemExit(f"{path}: {said}") from None
        print(f"{name}: {len(columns)} columns", flush=True)
    engines = {engine: importlib.metadata.version(engine) for engine in ENGINES}
    told = {"tables": {n: list(c) for n, c in tables.items()}, "rows": ROWS, "engines": engines}
    answer.write_text(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
    # Read through pandas, a thread of Arrow may still hold the Python file, and aborts or hangs the
    # interpreter that ends beside it, once in some hundred runs: apache/arrow#34314, #50482.
    sys.stdout.flush()
    os._exit(0)

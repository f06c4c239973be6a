"""numpy, pandas and pyarrow work on each other's memory: imported, and data handed around."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

COMPILED = {
    "numpy": ("numpy", "numpy.linalg", "numpy.random"),
    "pandas": ("pandas", "pandas._libs"),
    "pyarrow": ("pyarrow", "pyarrow.lib", "pyarrow.compute"),
}


def hand_around(loaded: dict[str, Any]) -> None:
    """From numpy to pandas to pyarrow and back; AssertionError where a value or type is lost."""
    np = loaded["numpy"]
    numbers = np.arange(1000, dtype="float64")
    assert np.isclose(np.linalg.norm(numbers), np.sqrt((numbers**2).sum())), "numpy.linalg"
    if "pandas" not in loaded:
        return
    pd = loaded["pandas"]
    table = pd.DataFrame(
        {
            "integer": np.arange(1000),
            "float": numbers,
            "missing": np.where(numbers % 2, numbers, np.nan),
            "text": [f"text {number} ü" for number in range(1000)],
            "time": pd.Timestamp("2021-01-01") + pd.to_timedelta(np.arange(1000), "s"),
        }
    )
    assert table.groupby(table.integer % 7).float.sum().sum() == numbers.sum(), "pandas.groupby"
    if "pyarrow" not in loaded:
        return
    pa = loaded["pyarrow"]
    back = pa.Table.from_pandas(table).to_pandas()
    pd.testing.assert_frame_equal(back, table)
    assert pa.compute.sum(pa.array(numbers)).as_py() == numbers.sum(), "pyarrow.compute"
    assert (pa.array(numbers).to_numpy(zero_copy_only=True) == numbers).all(), "pyarrow to numpy"


def main(question: Path, answer: Path) -> None:
    """Question: the names of those that are installed. Answer: name -> version."""
    asked = json.loads(question.read_text())
    for name in asked:
        for module in COMPILED[name]:
            importlib.import_module(module)
    loaded = {name: sys.modules[name] for name in asked}
    hand_around(loaded)
    answer.write_text(json.dumps({name: module.__version__ for name, module in loaded.items()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

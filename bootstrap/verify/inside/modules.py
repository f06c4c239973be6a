"""Looks for every top-level module of every distribution the way `import` does, and runs none.

What lies in a namespace is left out: looking there would run what is above it.
"""

from __future__ import annotations

import csv
import importlib.util
import inspect
import json
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path


def named_in(record: Path) -> Iterator[str]:
    """The modules and regular packages at the top of what a RECORD lists."""
    with record.open(newline="") as opened:
        for path, *_ in csv.reader(opened):
            folder, _, file = path.rpartition("/")
            name = inspect.getmodulename(file) or ""
            if folder and name == "__init__" and folder.isidentifier():
                yield folder
            elif not folder and name.isidentifier():
                yield name


def problem(module: str, site: Path) -> str:
    """What is wrong with a module; empty where import finds its file in this environment."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.origin:
        return "is not found"
    return "" if Path(spec.origin).is_relative_to(site) else f"is found in {spec.origin}"


def main(answer: Path) -> None:
    """Answer: {"modules": how many, "distributions": how many, "problems": module -> text}."""
    site = Path(sysconfig.get_path("purelib"))
    records = sorted(site.glob("*.dist-info/RECORD"))
    names = sorted({name for record in records for name in named_in(record)})
    problems = {name: problem(name, site) for name in names}
    told = {
        "modules": len(names),
        "distributions": len(records),
        "problems": {name: text for name, text in problems.items() if text},
    }
    answer.write_text(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[2]))

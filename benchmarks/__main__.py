"""`python -m benchmarks [NAME ...]`: measure, print a table, write results.json."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import facts
from benchmarks.measured import Measured, table
from benchmarks.timing import RunError

NAMES = (
    "help", "noop", "generations", "environment", "chain", "memory", "locks", "native", "verify",
    "cohort", "image",
)  # fmt: skip
RESULTS = Path(__file__).with_name("results.json")
VERSION = 1


def main(argv: list[str] | None = None) -> int:
    chosen = _parser().parse_args(argv)
    unknown = sorted(set(chosen.names) - set(NAMES))
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    missed = 0
    for name in chosen.names or NAMES:
        print(f"{name}: {chosen.runs} runs each", file=sys.stderr)
        head = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "machine": facts.machine()}
        try:
            found: Measured = importlib.import_module(f"benchmarks.{name}").measure(chosen.runs)
        except RunError as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 1
        _keep(chosen.output, name, {**head, "versions": facts.versions(), **found.as_json()})
        print(table(found), end="\n\n", flush=True)
        missed += not found.met
    return int(missed > 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--runs", type=int, default=5, help="runs of each side (%(default)s)")
    parser.add_argument("--output", type=Path, default=RESULTS, help="results (%(default)s)")
    return parser


def _keep(output: Path, name: str, result: dict[str, Any]) -> None:
    """Replace the result of one benchmark; those of others stay."""
    try:
        known = json.loads(output.read_text())["benchmarks"]
    except (OSError, ValueError, KeyError):
        known = {}
    ordered = {n: r for n in NAMES if (r := {**known, name: result}.get(n))}
    text = json.dumps({"version": VERSION, "benchmarks": ordered}, indent=1)
    output.write_text(text + "\n")


if __name__ == "__main__":
    sys.exit(main())

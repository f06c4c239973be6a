"""Imports every top-level module of every installed distribution.

What counts, from each distribution's own list of files (RECORD): modules and packages at the top; a
folder without `__init__` is a namespace (`ruamel`, `opentelemetry`), where what is in it counts
instead. Nothing that `import` can name is left out.

A distribution is imported in a process of its own, forked from an interpreter that has imported
nothing: what one does to its process, a crash too, cannot make another fail. Those that require
most come first, and what they bring in by themselves has been imported, the way it is meant to be
(`psycopg_binary` refuses to be the first). The network is shut while importing: a module that needs
it fails wherever there is none.

Where that takes too long (it is three times the work), many are imported in a process together, and
each that is not imported there is tried again in one of its own: what fails has failed by itself.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import sys
import traceback
from collections.abc import Iterable, Iterator
from importlib.machinery import all_suffixes
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

INITS = {f"__init__{suffix}" for suffix in all_suffixes()}
SUFFIXES = sorted(all_suffixes(), key=len, reverse=True)
SECONDS = 180
"""For one distribution; the slowest takes some ten on two cores, its bytecode included."""


def modules(files: Iterable[str]) -> list[str]:
    """The topmost modules and regular packages among a distribution's files."""
    tree: dict[str, Any] = {}
    for file in files:
        parts = file.split("/")
        if not {"..", "", "__pycache__"} & set(parts):  # what lies outside is no module
            at = tree
            for part in parts[:-1]:
                at = at.setdefault(part, {})
            at[parts[-1]] = None
    return sorted(set(_topmost(tree, "")))


def _topmost(tree: dict[str, Any], above: str) -> Iterator[str]:
    for entry, below in tree.items():
        name = _module_name(entry) if below is None else entry
        if not name.isidentifier():
            continue
        if below is None or INITS & below.keys():
            yield above + name
        else:
            yield from _topmost(below, f"{above}{name}.")


def _module_name(file: str) -> str:
    return next((file[: -len(suffix)] for suffix in SUFFIXES if file.endswith(suffix)), "")


def by_weight(requires: dict[str, set[str]]) -> list[str]:
    """Distributions by how many others they bring in, directly or not, most first."""

    def closure(name: str) -> set[str]:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            new = requires.get(waiting.pop(), set()) - seen
            seen |= new
            waiting += new
        return seen

    return sorted(requires, key=lambda name: (-len(closure(name)), name))


def try_all(wanted: dict[str, list[str]], at_once: int) -> dict[str, str]:
    """Import the modules of each distribution, in this order; module -> error where it failed."""
    imported, failed = _tried(wanted, at_once)
    return {name: error for name, error in failed.items() if name not in imported}


def try_together(wanted: dict[str, list[str]], at_once: int) -> dict[str, str]:
    """The same, with as many processes as there may be at once; what they do not import is tried
    again by itself."""
    size = len(wanted) // at_once + 1  # neighbours bring in much the same
    shares = [list(wanted.values())[size * n : size * (n + 1)] for n in range(at_once)]
    together = {str(n): [m for names in share for m in names] for n, share in enumerate(shares)}
    imported, _ = _tried(together, at_once)
    left = {name: [m for m in modules if m not in imported] for name, modules in wanted.items()}
    return try_all(left, at_once)


def _tried(wanted: dict[str, list[str]], at_once: int) -> tuple[set[str], dict[str, str]]:
    """What was imported, and what failed with its error: also what was imported before or after."""
    everything = frozenset(name for names in wanted.values() for name in names)
    waiting = list(wanted.values())[::-1]
    running: dict[int, tuple[list[str], int]] = {}
    imported: set[str] = set()
    failed: dict[str, str] = {}
    while waiting or running:
        while waiting and len(running) < at_once:
            names = [name for name in waiting.pop() if name not in imported]
            if names:
                pid, reader = _forked(names, everything)
                running[pid] = (names, reader)
        if running:
            pid, status = os.wait()
            names, reader = running.pop(pid)
            with os.fdopen(reader) as said:
                _judge(names, said.read(), status, imported, failed)
    return imported, failed


def _forked(names: list[str], everything: frozenset[str]) -> tuple[int, int]:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    code = 1
    try:
        os.close(reader)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.alarm(SECONDS)
        sys.addaudithook(_no_network)
        _import(names, everything, writer)
        code = 0
    finally:
        os._exit(code)  # what a library does at exit is not asked for here


def _import(names: list[str], everything: frozenset[str], writer: int) -> None:
    """Import one after another, with a line of JSON before and after each."""
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # some talk when they are imported
        os.dup2(silence, stream)

    def say(event: str, value: object) -> None:
        os.write(writer, (json.dumps([event, value]) + "\n").encode())

    told: set[str] = set()  # what is new, only: a pipe that nobody reads yet holds 64 KiB
    for name in names:
        say("begins", name)
        try:
            importlib.import_module(name)
        except BaseException as error:  # noqa: BLE001 - SystemExit, too, is a failure to be named
            said = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
            say("failed", [name, said])
        else:
            say("imported", sorted((everything & sys.modules.keys()) - told))
            told |= everything & sys.modules.keys()


def _judge(
    names: list[str], said: str, status: int, imported: set[str], failed: dict[str, str]
) -> None:
    """Add what one process said, and how it ended, to what was imported and what failed."""
    current = names[0]
    for event, value in map(json.loads, said.splitlines()):
        if event == "begins":
            current = value
        elif event == "failed":
            failed[value[0]] = value[1]
        else:
            imported.update(value)
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        slow = code == -signal.SIGALRM
        failed[current] = f"no end within {SECONDS} s" if slow else f"its process ended with {code}"


def _no_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo" or (
        event == "socket.connect" and isinstance(arguments[1], tuple)
    ):
        raise OSError("importing must not need a network")


def main(question: Path, answer: Path) -> None:
    """Question: {"at_once", "together"}. Answer: {"distributions", "imported", "failed"}."""
    # Told to end, which it is also when the tool was killed: with all that it forked, its group.
    signal.signal(signal.SIGTERM, lambda *_: os.killpg(0, signal.SIGKILL))
    found = {_canonical(each.metadata["Name"]): each for each in distributions()}
    requires = {
        name: {_canonical(line) for line in each.requires or ()} for name, each in found.items()
    }
    owners: dict[str, str] = {}
    wanted: dict[str, list[str]] = {}
    for name in by_weight(requires):
        names = modules(str(file) for file in found[name].files or ())
        wanted[name] = [module for module in names if owners.setdefault(module, name) == name]
    asked = json.loads(question.read_text())
    failed = (try_together if asked["together"] else try_all)(wanted, asked["at_once"])
    told = {
        "distributions": {name: each.version for name, each in sorted(found.items())},
        "imported": sorted(owners.keys() - failed.keys()),
        "failed": {m: {"distribution": owners[m], "error": e} for m, e in sorted(failed.items())},
    }
    answer.write_text(json.dumps(told))


def _canonical(requirement: str) -> str:
    """The name in a requirement, in one spelling (PEP 503)."""
    name = re.match(r"[\w.-]+", requirement)
    return re.sub(r"[-_.]+", "-", name[0] if name else "").lower()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

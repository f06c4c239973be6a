"""Imports every top-level module of every installed distribution.

What counts, from each distribution's own list of files (RECORD): modules and packages at the top;
a folder without `__init__` is a namespace (`ruamel`, `opentelemetry`), where what is in it counts
instead. Left out by principle, and listed in the answer with the reason:

- names that begin with `_`: private to the package that imports them, which is imported;
- modules called test or tests: they want what the project's own developers have installed;
- files that are no modules by name (`my-script.py`): `import` cannot name them.

Each distribution has a process of its own, forked from an interpreter that has imported nothing:
what one does to its process, a crash too, cannot make another succeed or fail. The network is shut
while importing: a module that needs it fails wherever there is none.
"""

from __future__ import annotations

import importlib
import json
import keyword
import os
import signal
import sys
import traceback
from collections.abc import Iterable, Iterator
from importlib.machinery import all_suffixes
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath
from typing import Any

TESTS = {"test", "tests"}
INITS = {f"__init__{suffix}" for suffix in all_suffixes()}
SECONDS = 180
"""For one distribution; the slowest takes some ten on two cores, its bytecode included."""


def modules(files: Iterable[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """The modules among a distribution's files, and (module, reason) of those to leave out."""
    tree = _tree(files)
    wanted: list[str] = []
    left_out: list[tuple[str, str]] = []
    for name in _topmost(tree, ""):
        reason = _reason(name.split("."))
        if reason:
            left_out.append((name, reason))
        else:
            wanted.append(name)
    return sorted(wanted), sorted(left_out)


def _tree(files: Iterable[str]) -> dict[str, Any]:
    """Folders and files as nested dictionaries; what lies outside (`../bin/x`) is not there."""
    tree: dict[str, Any] = {}
    for file in files:
        parts = PurePosixPath(file).parts
        if ".." in parts or "__pycache__" in parts or parts[0] == "/":
            continue
        at = tree
        for part in parts[:-1]:
            at = at.setdefault(part, {})
        at[parts[-1]] = None
    return tree


def _topmost(tree: dict[str, Any], above: str) -> Iterator[str]:
    """The names of the topmost modules and regular packages."""
    found: dict[str, None] = {}
    for entry, below in tree.items():
        if below is None:
            name = _module_name(entry)
            if name:
                found[above + name] = None
        elif INITS & below.keys():
            found[above + entry] = None
        elif "." not in entry:
            found.update(dict.fromkeys(_topmost(below, f"{above}{entry}.")))
    yield from found


def _module_name(file: str) -> str:
    for suffix in sorted(all_suffixes(), key=len, reverse=True):
        if file.endswith(suffix):
            return file[: -len(suffix)]
    return ""


def _reason(parts: list[str]) -> str:
    if any(part.startswith("_") for part in parts):
        return "private"
    if any(part in TESTS for part in parts):
        return "tests"
    if any(not part.isidentifier() or keyword.iskeyword(part) for part in parts):
        return "no name of a module"
    return ""


def try_all(wanted: dict[str, list[str]], at_once: int) -> dict[str, str]:
    """Import the modules of each distribution in a process of its own; module -> error."""
    waiting = list(wanted.items())
    running: dict[int, tuple[str, int]] = {}
    failed: dict[str, str] = {}
    done = 0
    while waiting or running:
        while waiting and len(running) < at_once:
            name, names = waiting.pop()
            pid, reader = _forked(names)
            running[pid] = (name, reader)
        pid, status = os.wait()
        name, reader = running.pop(pid)
        with os.fdopen(reader) as said:
            failed.update(_outcome(wanted[name], said.read(), status))
        done += 1
        print(f"{done}/{done + len(waiting) + len(running)} {name}", flush=True)
    return failed


def _forked(names: list[str]) -> tuple[int, int]:
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
        _import(names, writer)
        code = 0
    finally:
        os._exit(code)  # what a library does at exit is not asked for here


def _import(names: list[str], writer: int) -> None:
    """Import one after another; write a line of JSON for each when it begins and when it fails."""
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # some talk when they are imported
        os.dup2(silence, stream)
    for name in names:
        os.write(writer, (json.dumps([name, None]) + "\n").encode())
        try:
            importlib.import_module(name)
        except BaseException as error:  # noqa: BLE001 - SystemExit, too, is a failure to be named
            said = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
            os.write(writer, (json.dumps([name, said]) + "\n").encode())


def _outcome(names: list[str], said: str, status: int) -> dict[str, str]:
    lines = [json.loads(line) for line in said.splitlines()]
    failed = {name: error for name, error in lines if error is not None}
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        last = lines[-1][0] if lines else names[0]
        slow = code == -signal.SIGALRM
        failed[last] = f"no end within {SECONDS} s" if slow else f"its process ended with {code}"
    return failed


def _no_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo" or (
        event == "socket.connect" and isinstance(arguments[1], tuple)
    ):
        raise OSError("importing must not need a network")


def main(question: Path, answer: Path) -> None:
    """Question: {"at_once"}. Answer: {"distributions", "imported", "left_out", "failed"}."""
    # Told to end, which it is also when the tool was killed: with all that it forked, its group.
    signal.signal(signal.SIGTERM, lambda *_: os.killpg(0, signal.SIGKILL))
    at_once = json.loads(question.read_text())["at_once"]
    owners: dict[str, str] = {}
    left_out: dict[str, str] = {}
    versions: dict[str, str] = {}
    for found in distributions():
        name = found.metadata["Name"]
        versions[name] = found.version
        names, others = modules(_files(found))
        owners.update({module: owners.get(module, name) for module in names})
        left_out.update(others)
    wanted: dict[str, list[str]] = {}
    for module, name in sorted(owners.items()):
        wanted.setdefault(name, []).append(module)
    failed = try_all(wanted, at_once)
    told = {
        "distributions": versions,
        "imported": sorted(owners.keys() - failed.keys()),
        "left_out": dict(sorted(left_out.items())),
        "failed": {m: {"distribution": owners[m], "error": e} for m, e in sorted(failed.items())},
    }
    answer.write_text(json.dumps(told))


def _files(found: Distribution) -> list[str]:
    return [str(file) for file in found.files or ()]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

"""Imports modules, and keeps the bytecode of all that was imported: ASKED ANSWERED, both JSON.

Asked: {"modules": names, "path": folders for sys.path, "placed": where a folder will be -> by where
it is, "kept": folder}. Answered: where a file will be -> name in the folder of its bytecode, for
every module that was imported out of one of those folders. What is not there to be imported is left
out.

Bytecode names the file that it was compiled from: here the one that will be. It is kept in
marshal's version 2, which has no references and so does not depend on what else is in memory;
write_bytecode.py makes of it what Python reads. What was kept before is not compiled again.
"""

import _imp
import contextlib
import hashlib
import importlib
import json
import marshal
import os
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any


class Keeper:
    """Keeps the bytecode of modules."""

    def __init__(self, placed: dict[str, str], folder: Path) -> None:
        self._placed = placed
        self._folder = folder
        self.names: dict[str, str] = {}

    def place(self, path: str) -> str:
        """Where a file will be; empty for one that is not ours."""
        for folder, place in self._placed.items():
            if path.startswith(f"{folder}/"):
                return place + path[len(folder) :]
        return ""

    def code(self, path: str, source: bytes) -> CodeType:
        """The code of a file, compiled or as it was kept."""
        place = self.place(path)
        name = hashlib.sha256(f"{sys.version}\0{place}\0".encode() + source).hexdigest()
        file = self._folder / name
        try:
            code: CodeType = marshal.loads(file.read_bytes())  # noqa: S302 - our own cache
        except (OSError, ValueError, EOFError, TypeError):
            code = compile(source, place, "exec", dont_inherit=True, optimize=0)
            beside = file.with_name(f".{name}.{os.getpid()}")
            beside.write_bytes(marshal.dumps(code, 2))
            beside.replace(file)
        self.names[place] = name
        # What import itself does with bytecode of a file that has moved: inspect asks for it.
        _imp._fix_co_filename(code, path)  # type: ignore[attr-defined]  # noqa: SLF001
        return code


def keep(keeper: Keeper) -> None:
    """Have every import from now on go through the keeper."""
    ours = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, fullname: str) -> Any:
        path = self.get_filename(fullname)
        if type(self) is not SourceFileLoader or not keeper.place(path):
            return ours(self, fullname)
        return keeper.code(path, self.get_data(path))

    SourceFileLoader.get_code = get_code  # type: ignore[assignment,method-assign]


def imported_before(keeper: Keeper) -> None:
    """Keep what the interpreter had imported when it came here."""
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None) or ""
        if path.endswith(".py") and keeper.place(path) not in {"", *keeper.names}:
            keeper.code(path, Path(path).read_bytes())


def main(asked: Path, answered: Path) -> None:
    """Import what was asked for."""
    question = json.loads(asked.read_bytes())
    sys.path[:0] = question["path"]
    keeper = Keeper(question["placed"], Path(question["kept"]))
    keep(keeper)
    for module in question["modules"]:
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(module)
    imported_before(keeper)
    answered.write_text(json.dumps(keeper.names))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
    # Threads that a library left running are not waited for.
    sys.stdout.flush()
    os._exit(0)

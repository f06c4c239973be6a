"""Files that `import` takes instead of a module of the environment, for they come first."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from bootstrap.verify.folders import walk

GENERIC = frozenset({"benchmarks", "docs", "examples", "scripts", "test", "tests"})
"""Folders that some packages leave beside themselves, and that everybody has."""

DEPTH = 3
"""Folders below the repository, where a lesson's own files are."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """A file or folder that stands before the module of this name."""

    name: str
    file: Path

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.file.parent


def top_level(site_packages: Path) -> frozenset[str]:
    """The names that a file should not have: of the environment's modules and of Python's own."""
    own = {shadow.name for shadow in modules_in(site_packages)}
    return frozenset((own | sys.stdlib_module_names) - GENERIC)


def modules_in(folder: Path) -> Iterator[Shadow]:
    """The modules and regular packages in a folder; nothing where it cannot be read."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        name = inspect.getmodulename(entry.name)
        if name is None and entry.is_dir() and (folder / entry.name / "__init__.py").exists():
            name = entry.name
        if name and name.isidentifier():
            yield Shadow(name, folder / entry.name)


def on_path(path: Collection[str], prefix: Path, names: Collection[str]) -> tuple[Shadow, ...]:
    """What comes first on a sys.path, outside of the environment: it hides modules everywhere."""
    found: list[Shadow] = []
    for entry in path:
        folder = Path(entry)
        if folder.resolve().is_relative_to(prefix.resolve()) and folder.name == "site-packages":
            break
        # The empty entry is the folder that one happens to be in.
        if entry and not folder.resolve().is_relative_to(prefix.resolve()):
            found += [one for one in modules_in(folder) if one.name in names]
    return tuple(found)


def below(home: Path, repository: Path, names: Collection[str]) -> tuple[Shadow, ...]:
    """What hides modules from programs that start in its folder: at home, and in the repository."""
    folders = [home, *walk(repository, DEPTH)]
    return tuple(one for folder in folders for one in modules_in(folder) if one.name in names)

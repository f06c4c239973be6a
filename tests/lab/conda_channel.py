"""A conda channel in the place of conda-forge: real packages, a real index, a solved lock."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tests.lab import cpython, libraries, wheels
from tests.lab.conda_lockfile import lock_text
from tests.lab.conda_package import CondaPackage

CHANNEL = "conda.anaconda.org/conda-forge"
LOCK = "conda-lock.yml"
# As in the course's environment.yml: every Python package comes as a wheel. The channel also holds
# pip and its like, since a test may want a package that is written in Python.
WANTED = (f"python {cpython.SERIES}.*",)


def build(target: Path) -> None:
    """Pack everything into a channel below `target`, index it and write the lock beside it."""
    # rattler is only needed where something is built: starting a ready lab does not wait for it.
    from rattler.index import index_fs

    channel = target / CHANNEL
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="tmp-conda-") as scratch:
        for package in _packages(Path(scratch)):
            package.write(channel)
    asyncio.run(index_fs(channel, write_zst=True, write_shards=True, force=True))
    upstream = f"https://{CHANNEL}"
    (target / LOCK).write_text(asyncio.run(lock_text(channel, upstream, WANTED)))


def _packages(scratch: Path) -> list[CondaPackage]:
    python = cpython.find()
    tree = scratch / "python"
    binaries = cpython.copy_tree(python, tree)
    shared = libraries.needed(binaries)
    made = libraries.packages(_closure(shared), scratch)
    depends = [package.name for package in made if package.name != "openssl"]
    made.append(
        CondaPackage(
            name="python",
            version=python.version,
            tree=tree,
            depends=(*depends, "openssl", "tzdata", "__glibc >=2.17,<3.0.a0"),
            build="lab_0_cpython",
            license="Python-2.0",
            prefix=str(python.prefix),
        )
    )
    return made + wheels.packages(scratch)


def _closure(shared: dict[str, Path]) -> dict[str, Path]:
    """Add what libraries load themselves, by the paths that the system finds."""
    return libraries.needed(shared.values()) | shared

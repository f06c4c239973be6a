"""Which layer each file of an environment goes into.

Layers are what a registry keeps and a machine pulls: what changes together should be together, and
what a change leaves alone should stay as it is. So Python is apart from the wheels, every large
wheel is by itself, and the small ones are spread over a fixed number of layers by their names: a
wheel that comes, goes or changes touches its own layer.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from bootstrap.generation.contents import name_and_version
from bootstrap.generation.installed import KEPT
from bootstrap.images.bytecode import beside
from bootstrap.images.entries import Entry
from bootstrap.images.staging import Staging

LARGE = 32 << 20
"""Bytes from which a wheel has a layer of its own."""

SHARED = 8
"""Layers that small wheels share. With the large ones of the first course that makes some twenty.
Forty cost a second at a pull, and a fifth at an import, which looks into one after another."""

PYTHON, LIBRARY = "Python and its libraries", "Bytecode of Python's library"
TOOL_PLACE = "opt/mlops-bootstrap/lib"

Contents = Mapping[str, list[Entry]]
"""Entries of layers, by what is said of each layer."""


def environment_layers(staging: Staging, bytecode: Mapping[Path, Path]) -> Contents:
    """The files of an environment by the layer that they go into."""
    owners = _owners(staging)
    sizes: dict[str, int] = defaultdict(int)
    files: dict[str, list[Entry]] = defaultdict(list)
    for file in _below(staging.prefix):
        path = str(file.relative_to(staging.prefix))
        owner = owners.get(path, "")
        if path.startswith(KEPT) or (not owner and path.endswith(".pyc")):
            continue  # KEPT and the marker change with any package; bytecode is made anew
        entry = Entry.of_file(f"{staging.place}/{path}".lstrip("/"), file)
        files[owner].append(entry)
        sizes[owner] += file.lstat().st_size
    for source, compiled in bytecode.items():
        if source.is_relative_to(staging.prefix):
            path = str(source.relative_to(staging.prefix))
            owner = owners.get(path, LIBRARY)
            files[owner].append(_compiled(f"{staging.place}/{path}", compiled, staging))
    layers: dict[str, list[Entry]] = {PYTHON: files.pop("", []), LIBRARY: files.pop(LIBRARY, [])}
    for owner in sorted(files):
        layers.setdefault(_layer_of(owner, sizes[owner]), []).extend(files[owner])
    return {comment: layers[comment] for comment in layers if layers[comment]}


def tool_layer(staging: Staging, bytecode: Mapping[Path, Path]) -> list[Entry]:
    """What this tool needs in an image: packages, without their programs and what lists those."""
    entries = [
        Entry.of_file(f"{TOOL_PLACE}/{path}", file)
        for file in _below(staging.tool)
        if (path := file.relative_to(staging.tool)).parts[0] not in {"bin", ".lock"}
        and file.suffix != ".pyc"
        and file.name != "RECORD"
    ]
    return entries + [
        _compiled(f"/{TOOL_PLACE}/{source.relative_to(staging.tool)}", compiled, staging)
        for source, compiled in bytecode.items()
        if source.is_relative_to(staging.tool)
    ]


def _compiled(place: str, file: Path, staging: Staging) -> Entry:
    tag = "cpython-" + "".join(staging.generation.python.split(".")[:2])
    return Entry(beside(place, tag).lstrip("/"), file)


def _owners(staging: Staging) -> dict[str, str]:
    """The wheel that each file of wheels belongs to, by its path in the prefix."""
    site = staging.generation.site_packages
    below = str(site.relative_to(staging.prefix))
    owners = {}
    for record in sorted(site.glob("*.dist-info/RECORD")):
        name, _ = name_and_version(record.parent.name)
        with record.open(newline="") as opened:
            for path, *_ in csv.reader(opened):
                owners[os.path.normpath(f"{below}/{path}")] = name
    return owners


def _layer_of(wheel: str, size: int) -> str:
    if size >= LARGE:
        return f"Wheel {wheel}"
    bucket = int.from_bytes(hashlib.sha256(wheel.encode()).digest()[:4], "big") % SHARED
    return f"Small wheels {bucket + 1} of {SHARED}"


def _below(folder: Path) -> Iterator[Path]:
    for at, folders, files in os.walk(folder):
        here = Path(at)
        yield from (here / name for name in files)
        yield from (here / name for name in folders if (here / name).is_symlink())

"""What differs between an image and the one that its locks make."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from bootstrap.core.cancel import Cancel
from bootstrap.host.unchanged import CHUNK
from bootstrap.images.found import FoundImage, tar_of
from bootstrap.images.image import Built
from bootstrap.images.layout import Layer, Layout

SETTINGS = (
    "Cmd", "Entrypoint", "Env", "ExposedPorts", "Labels", "StopSignal", "User", "Volumes",
    "WorkingDir",
)  # fmt: skip
"""What of a configuration says how a container is started, and what the image is."""

REMOVED = ".wh."
"""How the name of a file begins that a layer removes (image-spec, layer.md, "Whiteouts")."""

EMPTIED = f"{REMOVED}{REMOVED}.opq"
"""The same for all that was in a folder."""

Kind = Literal["changed", "added", "removed", "setting"]


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """A file, by its path, or a setting, by its name, that is not as the locks make it."""

    what: str
    kind: Kind


class _File(NamedTuple):
    kind: bytes
    mode: int
    owner: tuple[int, int]
    link: str
    time: float
    digest: bytes


def differences(
    found: FoundImage, wanted: Built, layout: Layout, cancel: Cancel
) -> tuple[Difference, ...]:
    """Every file and setting that differs, sorted; nothing where it is the very same image.

    Layers that both have are not looked into. Raises BootstrapError and Interrupted.
    """
    if found.ids & {wanted.manifest.digest, wanted.config.digest}:
        return ()
    config = json.loads(layout.blob(wanted.config.digest).read_bytes())
    theirs, ours = set(found.diff_ids), {layer.diff_id for layer in wanted.layers}
    here: dict[str, _File] = {}
    for number, diff_id in enumerate(found.diff_ids):
        if diff_id not in ours:
            with tar_of(found, number) as archive:
                here.update(_files(archive, cancel))
    there = _wanted_files(wanted, layout, cancel, lambda layer: layer.diff_id not in theirs)
    if more := here.keys() - there.keys():  # what a layer of theirs lays over one that both have
        common = _wanted_files(wanted, layout, cancel, lambda layer: layer.diff_id in theirs, more)
        there = {**common, **there}
    settings = _settings(found.config.get("config") or {}, config["config"])
    return tuple(sorted([*settings, *_between(here, there)]))


def _wanted_files(
    wanted: Built,
    layout: Layout,
    cancel: Cancel,
    where: Callable[[Layer], bool],
    only: Collection[str] | None = None,
) -> dict[str, _File]:
    files: dict[str, _File] = {}
    for layer in filter(where, wanted.layers):
        # Not as a stream: tarfile would end it with the first member of the gzip file.
        with tarfile.open(layout.blob(layer.descriptor.digest), "r:*") as archive:
            files.update(_files(archive, cancel, only))
    return files


def _between(here: Mapping[str, _File], there: Mapping[str, _File]) -> Iterator[Difference]:
    for path in here.keys() | there.keys():
        folder, _, name = path.rpartition("/")
        if name == EMPTIED:
            yield Difference(folder, "removed")
        elif name.startswith(REMOVED):
            gone = name.removeprefix(REMOVED)
            yield Difference(f"{folder}/{gone}" if folder else gone, "removed")
        elif path not in there:
            yield Difference(path, "added")
        elif path not in here:
            yield Difference(path, "removed")
        elif here[path] != there[path]:
            yield Difference(path, "changed")


def _settings(here: Mapping[str, Any], there: Mapping[str, Any]) -> Iterator[Difference]:
    for name in SETTINGS:
        # An engine writes what is empty in more than one way.
        if (here.get(name) or None) != (there.get(name) or None):
            yield Difference(name, "setting")


def _files(
    archive: tarfile.TarFile, cancel: Cancel, only: Collection[str] | None = None
) -> Iterator[tuple[str, _File]]:
    for member in archive:
        cancel.check()
        path = member.name.removeprefix("./").rstrip("/")
        if only is not None and path not in only:
            continue
        digest = hashlib.sha256()
        content = archive.extractfile(member) if member.isreg() else None
        while content and (chunk := content.read(CHUNK)):
            digest.update(chunk)
        # A folder's time tells of what came into it, and that is told by itself.
        time = 0 if member.isdir() else member.mtime
        owner = (member.uid, member.gid)
        # Engines write the kind of file into the mode as well.
        mode, link = member.mode & 0o7777, member.linkname
        yield path, _File(member.type, mode, owner, link, time, digest.digest())

"""What differs between an image and the one that its locks make."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from bootstrap.core.cancel import Cancel
from bootstrap.images.entries import CHUNK
from bootstrap.images.found import FoundImage, tar_of
from bootstrap.images.image import Built
from bootstrap.images.layout import Layout

SETTINGS = (
    "Cmd", "Entrypoint", "Env", "ExposedPorts", "Labels", "StopSignal", "User", "Volumes",
    "WorkingDir",
)  # fmt: skip
"""What of a configuration says how a container is started, and what the image is."""

REMOVED = ".wh."
"""How the name of a file begins that a layer removes (image-spec, layer.md, "Whiteouts")."""

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
    diff_ids = [layer.diff_id for layer in wanted.layers]
    here: dict[str, _File] = {}
    for number, diff_id in enumerate(found.diff_ids):
        if diff_id not in diff_ids:
            with tar_of(found, number) as archive:
                here.update(_files(archive, cancel))
    there: dict[str, _File] = {}
    for layer in wanted.layers:
        if layer.diff_id not in found.diff_ids:
            with tarfile.open(layout.blob(layer.descriptor.digest), "r:*") as archive:
                there.update(_files(archive, cancel))
    settings = _settings(found.config.get("config") or {}, config["config"])
    return tuple(sorted([*settings, *_between(here, there)]))


def _between(here: Mapping[str, _File], there: Mapping[str, _File]) -> Iterator[Difference]:
    for path in here.keys() | there.keys():
        folder, _, name = path.rpartition("/")
        if name.startswith(REMOVED):
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


def _files(archive: tarfile.TarFile, cancel: Cancel) -> Iterator[tuple[str, _File]]:
    for member in archive:
        cancel.check()
        digest = hashlib.sha256()
        content = archive.extractfile(member) if member.isreg() else None
        while content and (chunk := content.read(CHUNK)):
            digest.update(chunk)
        owner = (member.uid, member.gid)
        file = _File(
            member.type, member.mode, owner, member.linkname, member.mtime, digest.digest()
        )
        yield member.name.removeprefix("./").rstrip("/"), file

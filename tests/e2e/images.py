"""What tests of images share: a registry of their own, and a look into a layout."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab import LabFiles, registry
from tests.lab.guard import Guard
from tests.lab.server import Front, Site
from tests.unit.lab.fronts import serving


@contextmanager
def own_registry(
    lab: LabFiles, storage: Path, guard: Guard | None = None, roots: tuple[Path, ...] = ()
) -> Iterator[Front]:
    """An empty registry behind a front that can be told to fail; a guard asks for a login, roots
    are served as well."""
    storage.mkdir()
    with (
        registry.running(lab.registry, storage) as socket,
        serving(Site(roots=roots, registry=socket, guard=guard)) as front,
    ):
        yield front


@dataclass(frozen=True)
class OnDisk:
    """An image in an OCI layout."""

    folder: Path

    def read(self, digest: str) -> bytes:
        return (self.folder / "blobs" / "sha256" / digest.removeprefix("sha256:")).read_bytes()

    def document(self, digest: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.read(digest))
        return found

    @property
    def index(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = json.loads((self.folder / "index.json").read_bytes())[
            "manifests"
        ]
        return entries

    @property
    def digest(self) -> str:
        (named,) = [entry for entry in self.index if entry.get("annotations")]
        return str(named["digest"])

    @property
    def layers(self) -> dict[str, int]:
        """The sizes of the layers by their digests."""
        return {one["digest"]: one["size"] for one in self.document(self.digest)["layers"]}

    @property
    def config(self) -> dict[str, Any]:
        return self.document(self.document(self.digest)["config"]["digest"])

    def members(self) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
        """Everything in the layers, the base's too, with its content."""
        for digest in self.layers:
            tar = io.BytesIO(gzip.decompress(self.read(digest)))
            with tarfile.open(fileobj=tar) as archive:
                for member in archive:
                    content = archive.extractfile(member) if member.isreg() else None
                    yield member, content.read() if content else b""

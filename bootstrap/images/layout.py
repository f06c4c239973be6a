"""An OCI image layout: blobs by their digest, and an index that names images.

https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md. One is kept in the cache:
what was made or fetched once is not compressed or fetched again. Beside what the specification
knows it remembers which blob a tar was compressed to.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from bootstrap.core.writing import writing
from bootstrap.host.files import write_atomically
from bootstrap.host.paths import Paths
from bootstrap.registry.media import INDEX
from bootstrap.sources.download import file_sha256

NAME = "org.opencontainers.image.ref.name"
"""The annotation of the index by which an image has a name in it."""

ALGORITHM = "sha256:"


def digest_of(content: bytes) -> str:
    """The digest of content, as registries write it."""
    return ALGORITHM + hashlib.sha256(content).hexdigest()


def as_json(document: Any) -> bytes:
    """A document as JSON; the same document gives the same bytes."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What points to a blob: its kind, its digest and its size in bytes."""

    media_type: str
    digest: str
    size: int
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Descriptor:
        """Read one out of a manifest. Raises KeyError, TypeError or ValueError."""
        return cls(str(document["mediaType"]), str(document["digest"]), int(document["size"]))

    def document(self) -> dict[str, Any]:
        """The same as it stands in a manifest."""
        pointer = {"mediaType": self.media_type, "digest": self.digest, "size": self.size}
        return {**pointer, **self.more}


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: where its compressed bytes are, and the digest and size of the tar inside."""

    descriptor: Descriptor
    diff_id: str
    unpacked: int
    comment: str = ""


class Layout:
    """A folder that is an OCI image layout. Whoever writes holds the run lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._blobs = folder / "blobs" / "sha256"
        self._layers = folder / "layers"

    @classmethod
    def cached(cls, paths: Paths) -> Layout:
        """The layout that builds share: what is in it was made, or fetched, once."""
        return cls(paths.cache / "images" / "layout")

    def blob(self, digest: str) -> Path:
        """Where the blob of a digest is, or would be."""
        return self._blobs / digest.removeprefix(ALGORITHM)

    def has(self, blob: Descriptor) -> bool:
        """Whether a blob is here, in its size and with its digest: one that a disk or somebody
        changed is not, so that it is made or fetched again."""
        file = self.blob(blob.digest)
        if not file.is_file() or file.stat().st_size != blob.size:
            return False
        return ALGORITHM + file_sha256(file) == blob.digest

    def put(self, content: bytes, media_type: str) -> Descriptor:
        """Keep a small blob."""
        blob = Descriptor(media_type, digest_of(content), len(content))
        if not self.has(blob):
            write_atomically(self.blob(blob.digest), content)
        return blob

    @contextmanager
    def new_blob(self) -> Iterator[IO[bytes]]:
        """A file to write a large blob into; adopt() keeps it, otherwise it is gone."""
        with writing(self._blobs):
            self._blobs.mkdir(parents=True, exist_ok=True)
            file = tempfile.NamedTemporaryFile(dir=self._blobs, prefix=".new-", delete=False)  # noqa: SIM115
        try:
            with file, writing(self._blobs):
                yield file
        finally:
            Path(file.name).unlink(missing_ok=True)

    def adopt(self, file: IO[bytes], digest: str) -> None:
        """Keep what was written into a new blob under its digest."""
        with writing(self._blobs):
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            Path(file.name).replace(self.blob(digest))

    def knows_no_layer(self) -> bool:
        """Whether nothing was compressed into it yet."""
        return not self._layers.is_dir()

    def layer(self, diff_id: str) -> Layer | None:
        """The layer that a tar of this digest was compressed to, None where it was not yet."""
        try:
            layer = self._noted(self._layers / diff_id.removeprefix(ALGORITHM))
            return layer if layer and self.has(layer.descriptor) else None
        except OSError:
            return None

    def _noted(self, note: Path) -> Layer | None:
        try:
            known = json.loads(note.read_bytes())
            return Layer(Descriptor(**known.pop("descriptor")), **known)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remember(self, layer: Layer) -> None:
        """Remember what a tar was compressed to."""
        file = self._layers / layer.diff_id.removeprefix(ALGORITHM)
        write_atomically(file, as_json(asdict(layer)))

    def name(self, image: Descriptor, names: tuple[str, ...]) -> None:
        """Let names of the index lead to an image, and to nothing else."""
        kept = [e for e in self.images() if e.get("annotations", {}).get(NAME) not in names]
        new = [{**image.document(), "annotations": {NAME: name}} for name in names]
        self._write([*kept, *new])

    def _write(self, entries: list[dict[str, Any]]) -> None:
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
        write_atomically(self.folder / "oci-layout", as_json({"imageLayoutVersion": "1.0.0"}))
        write_atomically(self.folder / "index.json", as_json(index))

    def refer(self, artifact: Descriptor) -> None:
        """Let the index also lead to what refers to an image, which has no name."""
        kept = [entry for entry in self.images() if entry.get("digest") != artifact.digest]
        self._write([*kept, artifact.document()])

    def unreachable(self) -> list[Path]:
        """The files that no image with a name leads to."""
        kept = set()
        for entry in self.images():
            manifest = self.blob(entry["digest"])
            kept.add(manifest)
            if manifest.is_file():
                document = json.loads(manifest.read_bytes())
                pointers = (document["config"], *document["layers"])
                kept |= {self.blob(pointer["digest"]) for pointer in pointers}
        gone = {*self._blobs.glob("*"), *self._blobs.glob(".*")} - kept
        for note in self._layers.glob("*"):
            known = self._noted(note)
            if known is None or self.blob(known.descriptor.digest) not in kept:
                gone.add(note)
        return sorted(gone)

    def images(self) -> list[dict[str, Any]]:
        """The entries of the index."""
        try:
            index = json.loads((self.folder / "index.json").read_bytes())
            return [dict(entry) for entry in index["manifests"]]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def copy(self, digests: Iterable[str], target: Layout) -> None:
        """Bring blobs to another layout: as links where that can be."""
        for digest in digests:
            there = target.blob(digest)
            with writing(there):
                there.parent.mkdir(parents=True, exist_ok=True)
                if there.exists():
                    continue
                try:
                    os.link(self.blob(digest), there)
                except OSError:
                    shutil.copyfile(self.blob(digest), there)

"""OCI images as plain bytes: layers, configuration, manifest, index, and their upload."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

if TYPE_CHECKING:
    import requests

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CREATED = "2023-11-14T22:13:20Z"
EPOCH = 1_700_000_000
PLATFORM = {"architecture": "amd64", "os": "linux"}


def digest(data: bytes) -> str:
    """Return a digest as registries write it."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Entry:
    """A file of a layer, or a folder if it has no data."""

    path: str
    mode: int = 0o755
    owner: int = 0
    data: bytes | None = None


@dataclass(frozen=True)
class Layer:
    """A compressed layer, known by its digest and by that of the tar inside."""

    data: bytes
    diff_id: str
    made_by: str

    @classmethod
    def of(cls, tar: bytes, made_by: str) -> Layer:
        """Compress a tar; no time goes into the result."""
        return cls(gzip.compress(tar, compresslevel=1, mtime=0), digest(tar), made_by)

    @classmethod
    def of_entries(cls, entries: Sequence[Entry], made_by: str) -> Layer:
        """Make a layer of a few folders and files."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for entry in entries:
                member = tarfile.TarInfo(entry.path)
                member.type = tarfile.DIRTYPE if entry.data is None else tarfile.REGTYPE
                member.mode, member.uid, member.gid = entry.mode, entry.owner, entry.owner
                member.mtime, member.size = EPOCH, len(entry.data or b"")
                archive.addfile(member, io.BytesIO(entry.data or b""))
        return cls.of(buffer.getvalue(), made_by)


@dataclass(frozen=True)
class Image:
    """An image of one platform; like the official ones it is named by an index."""

    layers: tuple[Layer, ...]
    config: Mapping[str, Any] = field(default_factory=dict)

    def config_bytes(self) -> bytes:
        """Return the configuration as it is stored."""
        value = {
            **PLATFORM,
            "created": CREATED,
            "config": dict(self.config),
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in self.layers]},
            "history": [{"created": CREATED, "created_by": layer.made_by} for layer in self.layers],
        }
        return json.dumps(value, sort_keys=True).encode()

    def manifest_bytes(self) -> bytes:
        """Return the manifest: what the image is made of."""
        value = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _descriptor(CONFIG, self.config_bytes()),
            "layers": [_descriptor(LAYER, layer.data) for layer in self.layers],
        }
        return json.dumps(value, sort_keys=True).encode()

    def index_bytes(self) -> bytes:
        """Return the index, whose digest is what a course pins."""
        entry = _descriptor(MANIFEST, self.manifest_bytes()) | {"platform": PLATFORM}
        value = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}
        return json.dumps(value, sort_keys=True).encode()


def _descriptor(media_type: str, data: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest(data), "size": len(data)}


def push(image: Image, registry: str, repository: str, tag: str) -> str:
    """Upload an image and return the digest of its index."""
    # Imported where it is used: starting a ready lab does not wait for it.
    import requests

    with requests.Session() as session:
        session.trust_env = False  # a proxy of the machine's is not asked for loopback
        base = f"{registry}/v2/{repository}"
        for data in (*(layer.data for layer in image.layers), image.config_bytes()):
            _push_blob(session, registry, base, data)
        manifest = image.manifest_bytes()
        _put_manifest(session, f"{base}/manifests/{digest(manifest)}", MANIFEST, manifest)
        index = image.index_bytes()
        _put_manifest(session, f"{base}/manifests/{tag}", INDEX, index)
    return digest(index)


def _push_blob(session: requests.Session, registry: str, base: str, data: bytes) -> None:
    if session.head(f"{base}/blobs/{digest(data)}", timeout=60).status_code == 200:
        return
    started = session.post(f"{base}/blobs/uploads/", timeout=60)
    started.raise_for_status()
    place = urljoin(registry + "/", started.headers["Location"])
    done = session.put(
        place,
        params={"digest": digest(data)},
        data=data,
        headers={"Content-Type": "application/octet-stream"},
        timeout=300,
    )
    done.raise_for_status()


def _put_manifest(session: requests.Session, url: str, media_type: str, data: bytes) -> None:
    done = session.put(url, data=data, headers={"Content-Type": media_type}, timeout=60)
    done.raise_for_status()


def read_tar(file: Path, made_by: str) -> Layer:
    """Make a layer of a tar file."""
    return Layer.of(file.read_bytes(), made_by)

"""The image that an environment is put on: fetched by its digest, without an engine."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bootstrap.core.errors import BootstrapError
from bootstrap.course.images import ImageReference
from bootstrap.course.model import Arch
from bootstrap.images.layout import Descriptor, Layer, Layout
from bootstrap.registry.registry import Registry

ARCHITECTURES: dict[Arch, str] = {"x86_64": "amd64", "aarch64": "arm64"}
"""What the OCI calls them, after Go."""


@dataclass(frozen=True, slots=True)
class Base:
    """An image of one platform: its configuration and its layers, whose blobs are in a layout."""

    config: Mapping[str, Any]
    layers: Sequence[Layer]
    layout: Layout

    def file(self, path: str) -> bytes:
        """The content of a file, empty where there is none. path has no leading slash."""
        for layer in reversed(self.layers):
            with tarfile.open(self.layout.blob(layer.descriptor.digest), "r:*") as archive:
                for member in archive:
                    if member.name.removeprefix("./") == path and member.isreg():
                        content = archive.extractfile(member)
                        return content.read() if content else b""
        return b""


def fetch_base(
    reference: ImageReference,
    registry: Registry,
    arch: Arch,
    layout: Layout,
    on_bytes: Callable[[int, int], None],
) -> Base:
    """Fetch a pinned image for an architecture into a layout; what is there stays.

    on_bytes gets (bytes done, bytes in all). Raises what a Registry raises, and BootstrapError
    E-IMAGE-BASE for an image that is not made for this architecture or cannot be read.
    """
    try:
        document = _manifest(reference, registry, arch)
        manifest_layers = [Descriptor.parse(one) for one in document["layers"]]
        blobs = [Descriptor.parse(document["config"]), *manifest_layers]
        _fetch(blobs, registry, layout, on_bytes)
        config = json.loads(layout.blob(blobs[0].digest).read_bytes())
        pairs = zip(manifest_layers, config["rootfs"]["diff_ids"], strict=True)
        layers = [Layer(blob, diff_id, 0) for blob, diff_id in pairs]
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable(reference, f"its manifest cannot be read: {error}") from error
    if config.get("architecture") != ARCHITECTURES[arch]:
        raise _unusable(reference, f"it is made for {config.get('architecture')}")
    return Base(config, layers, layout)


def _manifest(reference: ImageReference, registry: Registry, arch: Arch) -> dict[str, Any]:
    content, _ = registry.manifest(reference.digest)
    document: dict[str, Any] = json.loads(content)
    if "manifests" not in document:
        return document
    for one in document["manifests"]:
        platform = one.get("platform") or {}
        if (platform.get("os"), platform.get("architecture")) == ("linux", ARCHITECTURES[arch]):
            content, _ = registry.manifest(one["digest"])
            found: dict[str, Any] = json.loads(content)
            return found
    raise _unusable(reference, f"it has nothing for linux/{ARCHITECTURES[arch]}")


def _fetch(
    blobs: Sequence[Descriptor],
    registry: Registry,
    layout: Layout,
    on_bytes: Callable[[int, int], None],
) -> None:
    def tell(before: int, got: int, _: int) -> None:
        on_bytes(before + got, total)

    missing = [blob for blob in blobs if not layout.has(blob)]
    total, done = sum(blob.size for blob in missing), 0
    for blob in missing:
        registry.fetch_blob(
            blob.digest, blob.size, layout.blob(blob.digest),
            partial(tell, done),
        )  # fmt: skip
        done += blob.size


def _unusable(reference: ImageReference, why: str) -> BootstrapError:
    return BootstrapError(
        "E-IMAGE-BASE",
        f"nothing can be put on the image: {why}",
        where=str(reference),
        remedy="name another image, by the digest of its index, below `images:` in course.yml",
    )

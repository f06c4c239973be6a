"""An image out of its layers: configuration, manifest, and the bill of materials that refers to it.

https://github.com/opencontainers/image-spec/blob/v1.1.0/. Nothing in it depends on the day or the
machine: `created` is the moment that the layers' files have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bootstrap.images.base import Base
from bootstrap.images.layout import (
    Descriptor,
    Layer,
    Layout,
    as_json,
)
from bootstrap.registry.media import CONFIG, MANIFEST

MOMENT = 315532801
"""Time of everything in an image where SOURCE_DATE_EPOCH says no other: the first second after
1980-01-01, as Cloud Native Buildpacks have it. ZIP knows no time before."""

BY = "mlops-bootstrap image build"
SBOM = "application/vnd.cyclonedx+json"
EMPTY = "application/vnd.oci.empty.v1+json"
SPECIFIED = "org.opencontainers.image."
"""How labels begin that are annotations of the manifest, too."""


@dataclass(frozen=True, slots=True)
class Built:
    """An image in a layout: its manifest, its configuration, its layers from the base up, and the
    manifest of its bill of materials."""

    manifest: Descriptor
    config: Descriptor
    layers: Sequence[Layer]
    sbom: Descriptor
    sbom_blobs: Sequence[Descriptor]

    @property
    def size(self) -> int:
        """Bytes of the compressed layers."""
        return sum(layer.descriptor.size for layer in self.layers)

    def blobs(self) -> Iterator[Descriptor]:
        """What has to be in a registry before the manifests: each blob once, the image's first."""
        pointers = [*(layer.descriptor for layer in self.layers), self.config, *self.sbom_blobs]
        yield from {pointer.digest: pointer for pointer in pointers}.values()


def assemble(
    base: Base,
    layers: Sequence[Layer],
    settings: Mapping[str, Any],
    sbom: bytes,
    layout: Layout,
    moment: int,
) -> Built:
    """Write what makes layers on a base an image; settings are its `config`, over the base's."""
    every = [*base.layers, *layers]
    created = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    platform = {k: base.config[k] for k in ("architecture", "os", "variant") if k in base.config}
    own_history = [
        {"created": created, "created_by": BY, "comment": layer.comment} for layer in layers
    ]
    config = layout.put(
        as_json(
            {
                **platform,
                "created": created,
                "config": settings,
                "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in every]},
                "history": [*base.config.get("history", ()), *own_history],
            }
        ),
        CONFIG,
    )
    labels = settings["Labels"]
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config.document(),
        "layers": [layer.descriptor.document() for layer in every],
        "annotations": {k: v for k, v in labels.items() if k.startswith(SPECIFIED)},
    }
    image = layout.put(as_json(manifest), MANIFEST)
    attached, blobs = _attached(sbom, image, layout)
    return Built(image, config, every, attached, blobs)


def settings_of(
    base: Base, environment: Mapping[str, str], labels: Mapping[str, str], own: Mapping[str, Any]
) -> dict[str, Any]:
    """The `config` of an image: what the base says, with variables and labels of ours over it."""
    inherited = base.config.get("config") or {}
    variables = dict(one.split("=", 1) for one in inherited.get("Env") or ())
    kept = {k: v for k, v in inherited.items() if k in {"Shell", "StopSignal", "Volumes"} and v}
    return {
        **kept,
        **own,
        "Env": [f"{name}={value}" for name, value in {**variables, **environment}.items()],
        "Labels": {**(inherited.get("Labels") or {}), **labels},
    }


def _attached(
    sbom: bytes, image: Descriptor, layout: Layout
) -> tuple[Descriptor, tuple[Descriptor, ...]]:
    """The manifest of an artifact that has the image for its subject (image-spec 1.1, manifest.md,
    "Guidelines for Artifact Usage")."""
    document, empty = layout.put(sbom, SBOM), layout.put(b"{}", EMPTY)
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": SBOM,
        "config": empty.document(),
        "layers": [document.document()],
        "subject": image.document(),
    }
    return layout.put(as_json(manifest), MANIFEST), (document, empty)

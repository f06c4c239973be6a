"""Images to measure: the command line that makes one, and what its manifest says of its layers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.place import Place
from benchmarks.timing import TOOL
from bootstrap.core.cancel import Cancel
from bootstrap.core.step import Job
from bootstrap.course.images import ImageName
from bootstrap.images.base import ARCHITECTURES
from bootstrap.images.layout import NAME, Layout
from bootstrap.machine.blueprint import this_arch
from bootstrap.registry.registry import Registry

MEGABYTE = 1_000_000

Layers = list[dict[str, Any]]
"""As a manifest has them: the digest of each, and its size in bytes, compressed."""


def build(place: Place, *options: str | Path, course: Path | None = None) -> tuple[str | Path, ...]:
    """The command line of `image build` for the lab's course, or another."""
    source = ("--source", place.lab.url, "--course", course or place.lab.course_path)
    return (TOOL, "image", "build", "--plain", *source, *options)


def layers_in(folder: Path) -> Layers:
    """The layers of the one image that an OCI layout names."""
    layout = Layout(folder)
    (entry,) = (e for e in layout.images() if NAME in e.get("annotations", {}))
    return _layers(layout.blob(entry["digest"]).read_bytes())


def layers_at(image: str, environ: Mapping[str, str]) -> Layers:
    """The layers of an image in a registry."""
    named = ImageName.parse(image)
    job = Job("size", lambda _event: None, Cancel())
    registry = Registry(named.registry, named.repository, environ=environ, job=job)
    content, _ = registry.manifest(named.digest or named.tag)
    for one in json.loads(content).get("manifests", ()):
        if one["platform"]["architecture"] == ARCHITECTURES[this_arch()]:
            content, _ = registry.manifest(one["digest"])
    return _layers(content)


def compressed(layers: Iterable[Mapping[str, Any]]) -> int:
    """Their bytes, as registries keep and machines fetch them."""
    return sum(int(layer["size"]) for layer in layers)


def _layers(manifest: bytes) -> Layers:
    found: Layers = json.loads(manifest)["layers"]
    return found

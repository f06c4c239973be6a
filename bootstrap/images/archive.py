"""An image as one tar for `docker load`: an OCI layout that also is what engines read before 25."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bootstrap.course.images import ImageName
from bootstrap.images.entries import Entry, as_tar
from bootstrap.images.image import Built
from bootstrap.images.layout import NAME, Layout, as_json


def as_archive(built: Built, names: Sequence[str], layout: Layout) -> Iterator[bytes]:
    """The tar of an image with these names, such as `course:ci`."""
    pointers = [built.manifest, built.config, *(layer.descriptor for layer in built.layers)]
    paths = {
        pointer.digest: f"blobs/sha256/{layout.blob(pointer.digest).name}" for pointer in pointers
    }
    index = {
        "schemaVersion": 2,
        "manifests": [{**built.manifest.document(), "annotations": {
            "io.containerd.image.name": _whole(name), NAME: name.rpartition(":")[2],
        }} for name in names],
    }  # fmt: skip
    docker = [{
        "Config": paths[built.config.digest],
        "RepoTags": list(names),
        "Layers": [paths[layer.descriptor.digest] for layer in built.layers],
    }]  # fmt: skip
    entries = [
        Entry("oci-layout", as_json({"imageLayoutVersion": "1.0.0"})),
        Entry("index.json", as_json(index)),
        Entry("manifest.json", as_json(docker)),
        *(Entry(path, layout.blob(digest)) for digest, path in paths.items()),
    ]
    return as_tar(entries, 0)


def _whole(name: str) -> str:
    """A name as containerd keeps it, Docker Hub spelled out."""
    parsed = ImageName.parse(name)
    return f"{parsed.registry}/{parsed.repository}:{parsed.tag}"

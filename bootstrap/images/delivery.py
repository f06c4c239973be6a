"""Where an image goes when it is made: a folder, an engine, a registry."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bootstrap.core.step import Job
from bootstrap.course.images import ImageName
from bootstrap.host.host import Host
from bootstrap.images.archive import as_archive
from bootstrap.images.image import Built
from bootstrap.images.layout import Descriptor, Layout
from bootstrap.images.steps import Assembled, Order, Part
from bootstrap.registry.media import MANIFEST

AT_ONCE = 3
"""Blobs sent at once; Docker sends as many layers by itself (max-concurrent-uploads is 5)."""


class _Delivery(Part):
    """names are REPOSITORY:TAG, with a registry in front where it is not Docker Hub's."""

    def __init__(self, order: Order, image: Assembled, names: Sequence[str]) -> None:
        self.requires = frozenset({image.name})
        self._layout = order.layout
        self._image = image
        self._names = names

    @property
    def _built(self) -> Built:
        assert self._image.built is not None
        return self._image.built


class Named(_Delivery):
    """The image under its names in the layout that it was made in."""

    name = "layout"
    title = "OCI layout"

    def make(self, host: Host, job: Job) -> str:
        self._layout.name(self._built.manifest, tuple(self._names))
        return str(self._layout.folder)


class Written(_Delivery):
    """The image as an OCI layout of its own, its bill of materials with it."""

    name = "output"
    title = "OCI layout"

    def __init__(self, order: Order, image: Assembled, names: Sequence[str], folder: Path) -> None:
        super().__init__(order, image, names)
        self._folder = folder

    def make(self, host: Host, job: Job) -> str:
        built, target = self._built, Layout(self._folder)
        pointers = (*built.blobs(), built.manifest, built.sbom)
        self._layout.copy((pointer.digest for pointer in pointers), target)
        target.name(built.manifest, tuple(self._names))
        target.refer(built.sbom)
        return str(self._folder)


class Loaded(_Delivery):
    """The image in Docker Engine, under its names."""

    name = "engine"
    title = "Docker Engine"

    def make(self, host: Host, job: Job) -> str:
        engine, image = host.engine, self._built.config.digest
        if engine.image(image):
            job.note("Docker Engine has it already")
            for name in self._names:
                repository, _, tag = name.rpartition(":")
                engine.tag(image, repository, tag)
        else:
            job.note("Docker Engine unpacks it")
            engine.load(as_archive(self._built, self._names, self._layout), job.cancel)
        return ", ".join(self._names)


class Pushed(_Delivery):
    """The image in registries, by its tags, with its bill of materials as a referrer."""

    name = "push"
    title = "Registry"

    def make(self, host: Host, job: Job) -> str:
        for name in self._names:
            self._push(ImageName.parse(name), host, job)
        return ", ".join(self._names)

    def _push(self, name: ImageName, host: Host, job: Job) -> None:
        from bootstrap.registry.registry import Registry

        registry = Registry(
            name.registry, name.repository, environ=host.environ, job=job, pushing=True
        )
        built, sent = self._built, dict[str, int]()
        total = built.size

        def send(blob: Descriptor) -> None:
            def tell(done: int, _: int) -> None:
                sent[blob.digest] = done
                job.progress("layers", min(sum(sent.values()), total), total, "bytes")

            registry.push_blob(blob.digest, self._layout.blob(blob.digest), tell)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(send, built.blobs()))
        image = self._layout.blob(built.manifest.digest).read_bytes()
        registry.push_manifest(name.tag, image, MANIFEST)
        sbom = self._layout.blob(built.sbom.digest).read_bytes()
        registry.push_manifest(built.sbom.digest, sbom, MANIFEST)

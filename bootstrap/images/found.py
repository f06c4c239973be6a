"""An image that is somewhere: its configuration, and the tars of its layers."""

from __future__ import annotations

import json
import tarfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from bootstrap.core.errors import BootstrapError, UsageError
from bootstrap.core.step import Job
from bootstrap.core.writing import writing
from bootstrap.course.images import ImageName
from bootstrap.host.docker_api import Engine
from bootstrap.host.docker_view import Reach
from bootstrap.host.host import Host
from bootstrap.images.layout import NAME, Descriptor, Layout, digest_of
from bootstrap.registry.registry import Registry


class FoundImage(ABC):
    """An image of one platform. ids are digests that it is known by where it is."""

    config: Mapping[str, Any]
    ids: frozenset[str]

    @property
    def diff_ids(self) -> list[str]:
        """The digests of the tars of its layers, from the base up."""
        return list(self.config["rootfs"]["diff_ids"])

    @property
    def labels(self) -> Mapping[str, str]:
        """What it says about itself."""
        return (self.config.get("config") or {}).get("Labels") or {}

    @abstractmethod
    def layer(self, number: int) -> IO[bytes]:
        """The tar of a layer, compressed or not; the caller closes it. Raises BootstrapError."""


class _Blobs(FoundImage):
    """An image whose blobs are, or can be had, in a layout. where is how a person names it."""

    def __init__(self, manifest: bytes, ids: frozenset[str], layout: Layout, where: str) -> None:
        self.ids = ids
        self._layout = layout
        document = json.loads(manifest)
        if "manifests" in document:
            raise UsageError(
                "E-IMAGE-UNKNOWN",
                "this is an index of images of several platforms",
                where=where,
                remedy="name one of them, as NAME@sha256:..., or a folder that holds one alone",
            )
        self._layers = [Descriptor.parse(one) for one in document["layers"]]
        self.config = json.loads(self._blob(Descriptor.parse(document["config"])).read_bytes())

    def layer(self, number: int) -> IO[bytes]:
        return self._blob(self._layers[number]).open("rb")

    @abstractmethod
    def _blob(self, blob: Descriptor) -> Path:
        """The file of a blob, whose content has its digest. Raises BootstrapError."""


class InRegistry(_Blobs):
    """An image in a registry; what is read of it is kept in a layout."""

    def __init__(self, name: ImageName, registry: Registry, layout: Layout) -> None:
        self._registry = registry
        manifest, _ = registry.manifest(name.reference)
        where = f"{name.registry}/{name.repository}:{name.reference}"
        super().__init__(manifest, frozenset({digest_of(manifest)}), layout, where)

    def _blob(self, blob: Descriptor) -> Path:
        file = self._layout.blob(blob.digest)
        if not self._layout.has(blob):
            self._registry.fetch_blob(blob.digest, blob.size, file)
        return file


class InFolder(_Blobs):
    """The one image in an OCI layout. Engines and registries look at the digests of what they take
    in; of a folder nobody did, so that all of it is read at once."""

    def __init__(self, folder: Path) -> None:
        layout = Layout(folder)
        named = {e["digest"]: e for e in layout.images() if NAME in e.get("annotations", {})}
        if len(named) != 1:
            raise UsageError(
                "E-IMAGE-UNKNOWN",
                f"the folder holds {len(named)} images with a name, and one is wanted",
                where=str(folder),
                remedy="write an image into a folder of its own: `image build --output FOLDER`",
            )
        ((digest, entry),) = named.items()
        self._layout = layout
        manifest = self._blob(Descriptor.parse(entry)).read_bytes()
        super().__init__(manifest, frozenset({digest}), layout, str(folder))
        for blob in self._layers:
            self._blob(blob)

    def _blob(self, blob: Descriptor) -> Path:
        file = self._layout.blob(blob.digest)
        if not self._layout.has(blob):
            raise BootstrapError(
                "E-IMAGE-DAMAGED",
                "a part of the image is missing, or is not what its digest says",
                where=str(file),
                remedy="write it again, into a new folder: `image build --output FOLDER`",
            )
        return file


class InEngine(FoundImage):
    """An image in Docker Engine; its layers are saved into a file below folder when asked for."""

    def __init__(self, name: str, engine: Engine, folder: Path) -> None:
        found = engine.image(name)
        if found is None:
            raise BootstrapError("E-IMAGE-MISSING", "the engine has no such image", where=name)
        self.ids = frozenset({str(found["Id"])})
        self.config = {
            "architecture": found["Architecture"],
            "config": found["Config"],
            "rootfs": {"diff_ids": found["RootFS"]["Layers"]},
        }
        self._name = name
        self._engine = engine
        self._file = folder / "saved.tar"

    def layer(self, number: int) -> IO[bytes]:
        if not self._file.exists():
            with writing(self._file), self._file.open("wb") as file:
                for chunk in self._engine.saved(self._name):
                    file.write(chunk)
        archive = tarfile.open(self._file)  # noqa: SIM115 - closed with what is read from it
        described = archive.extractfile("manifest.json")
        assert described is not None
        content = archive.extractfile(json.load(described)[0]["Layers"][number])
        assert content is not None
        return content


def find_image(reference: str, host: Host, layout: Layout, folder: Path, job: Job) -> FoundImage:
    """The image that a person means: in an OCI layout, in Docker Engine, or else in its registry.

    layout takes up what is read from a registry, folder what an engine saves. Raises UsageError
    E-IMAGE-NAME, E-IMAGE-UNKNOWN, and BootstrapError E-IMAGE-MISSING,
    E-IMAGE-DAMAGED or what a Registry raises.
    """
    path = Path(reference)
    if (path / "oci-layout").is_file():
        return InFolder(path)
    try:
        name = ImageName.parse(reference)
    except ValueError as error:
        raise UsageError(
            "E-IMAGE-NAME", str(error), where=reference,
            remedy="name an image, or the folder of an OCI layout",
        ) from None  # fmt: skip
    if host.engine.reach() is Reach.ANSWERS and host.engine.image(reference):
        return InEngine(reference, host.engine, folder)
    registry = Registry(name.registry, name.repository, environ=host.environ, job=job)
    return InRegistry(name, registry, layout)


@contextmanager
def tar_of(image: FoundImage, number: int) -> Iterator[tarfile.TarFile]:
    """The tar of a layer. Not as a stream: tarfile would end it with the first gzip member."""
    with image.layer(number) as content, tarfile.open(fileobj=content, mode="r:*") as archive:
        yield archive

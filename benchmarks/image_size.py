"""An image against what is in it: the environment as `up` installs it, and the base."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

import docker

from benchmarks.image_made import MEGABYTE, compressed, layers_at, layers_in
from benchmarks.measured import Series, Target
from benchmarks.place import Place
from bootstrap.core.cancel import Cancel
from bootstrap.generation.links import Links
from bootstrap.images.entries import Entry
from bootstrap.images.image import MOMENT
from bootstrap.images.layers import make_layers
from bootstrap.images.layout import Layout

LIMIT = 1.05


@dataclass(frozen=True)
class Size:
    """Bytes of files, and of the layers that they are in a registry."""

    unpacked: int
    compressed: int

    def series(self, what: str) -> tuple[Series, ...]:
        return (
            Series(f"{what}, unpacked", (self.unpacked / MEGABYTE,), "MB"),
            Series(f"{what}, compressed", (self.compressed / MEGABYTE,), "MB"),
        )


def sizes(
    place: Place, name: str, folder: Path, base: str
) -> tuple[tuple[Series, ...], tuple[Target, ...]]:
    """Compare an image that is in the engine under a name, and as an OCI layout in a folder; base
    is what it is on, in the lab's registry."""
    # The engine adds up what files hold, as _environment() does.
    with contextlib.closing(docker.DockerClient(place.environ["DOCKER_HOST"])) as client:
        image = Size(client.images.get(name).attrs["Size"], compressed(layers_in(folder)))
        below = Size(
            client.images.pull(base).attrs["Size"], compressed(layers_at(base, place.environ))
        )
    environment = _environment(place)
    unpacked = image.unpacked / (environment.unpacked + below.unpacked)
    packed = image.compressed / (environment.compressed + below.compressed)
    by = f"image / (environment + base), < {LIMIT}"
    series = (
        *image.series("ci image"),
        *environment.series("environment as `up` installs it"),
        *below.series("base"),
    )
    return series, (
        Target(f"unpacked, {by}", LIMIT, unpacked),
        Target(f"compressed, {by}", LIMIT, packed),
    )


def _environment(place: Place) -> Size:
    """What is installed here, and compressed as one layer of ours."""
    prefix = Links(place.paths.environments).current
    assert prefix is not None
    files = [path for path in prefix.rglob("*") if path.is_file() and not path.is_symlink()]
    entries = [Entry.of_file(str(file.relative_to(prefix)), file) for file in files]
    with tempfile.TemporaryDirectory(prefix="mlops-bench-layer-") as folder:
        contents = {"environment": entries}
        (layer,) = make_layers(contents, Layout(Path(folder)), MOMENT, Cancel(), lambda _: None)
    return Size(sum(file.stat().st_size for file in files), layer.descriptor.size)

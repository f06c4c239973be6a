"""Images: how long `image build` takes, how large they are, what one wheel changes, and pulling."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import docker
import docker.errors

from benchmarks.image_change import changes
from benchmarks.image_made import build
from benchmarks.image_pull import pulls
from benchmarks.image_size import sizes
from benchmarks.measured import Measured, Series, Target
from benchmarks.place import Place, new_place, running_lab
from benchmarks.timing import TOOL, in_turns, seconds

LIMIT = 30
WARM = "image build --output, all caches warm"
COLD = "the same, packages cached, nothing of images"
LOADED = "image build into Docker Engine, all caches warm"


def measure(count: int) -> Measured:
    with (
        tempfile.TemporaryDirectory(prefix="mlops-bench-cache-") as cache,
        running_lab() as lab,
        new_place(lab, Path(cache)) as place,
        tempfile.TemporaryDirectory(prefix="mlops-bench-images-") as name,
    ):
        # The caches are warm then, and the environment is there to compare with.
        seconds(place.up, place.environ)
        seconds((TOOL, "down"), place.environ)
        bench, root = _Bench(place, Path(name)), Path(name)
        contenders = {COLD: bench.cold, WARM: bench.warm, LOADED: bench.loaded}
        runs = in_turns(count, contenders)
        cold, warm, loaded = (Series(what, taken) for what, taken in runs.items())
        found, size_targets = sizes(place, bench.name, bench.folder, bench.base)
        change_targets = changes(place, bench.folder, root)
        pulled, faster, notes = pulls(place, bench.base, count, root)
    targets = (
        Target(f"{WARM}, median < {LIMIT} s", LIMIT, warm.median),
        *size_targets,
        *change_targets,
        faster,
    )
    return Measured("image", (warm, cold, loaded, *found, *pulled), targets, notes)


@dataclass(frozen=True)
class _Bench:
    """The place in which an image is built again and again."""

    place: Place
    root: Path

    @property
    def folder(self) -> Path:
        """Where the OCI layout is."""
        return self.root / "image"

    @property
    def name(self) -> str:
        """What the image is called in the engine."""
        return f"{self.place.session().blueprint.loaded.course.name}:ci"

    @property
    def base(self) -> str:
        """What the image is on, as the lab's registry has it."""
        pinned = self.place.session().blueprint.loaded.course.images["base"].pinned
        return f"{self.place.lab.host}:{self.place.lab.port}/{pinned}"

    def cold(self) -> float:
        shutil.rmtree(self.place.paths.cache / "images", ignore_errors=True)
        return self.warm()

    def warm(self) -> float:
        shutil.rmtree(self.folder, ignore_errors=True)
        return self._build("--output", self.folder)

    def loaded(self) -> float:
        with (
            contextlib.closing(docker.DockerClient(self.place.environ["DOCKER_HOST"])) as client,
            contextlib.suppress(docker.errors.ImageNotFound),
        ):
            client.images.remove(self.name, force=True)
        return self._build()

    def _build(self, *options: str | Path) -> float:
        os.sync()  # nobody has to wait for what the one before left to write
        return seconds(build(self.place, *options), self.place.environ)

"""From a registry to the first imports: our image, and one made as MLflow's and Prefect's are.

Their Dockerfiles are a slim Python and `RUN pip install --no-cache-dir`. So the peer is that, with
what the course asks for, unlocked, on the base of ours and with the Python of that base. Both are
pulled over loopback by an engine that has nothing of them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import docker

from benchmarks.image_made import build, compressed, layers_at
from benchmarks.image_size import Size
from benchmarks.measured import Series, Target
from benchmarks.place import Place
from benchmarks.timing import RunError, environment, in_turns, seconds
from tests.e2e import buildkit
from tests.lab.engine import private_engine

ASKED = Path(__file__).parents[1] / "envs" / "mlops-zoomcamp" / "requirements.in"
DOCKERFILE = """\
ARG BASE
FROM ${BASE}
ARG PIP_INDEX_URL
COPY requirements.in /tmp/requirements.in
RUN --mount=type=secret,id=ca,target=/run/ca.pem \\
    if [ -s /run/ca.pem ]; then export PIP_CERT=/run/ca.pem; fi; \\
    python3 -m pip install --no-cache-dir --break-system-packages --upgrade pip && \\
    python3 -m pip install --no-cache-dir --break-system-packages --requirement /tmp/requirements.in
"""
"""pip first: the stand-in of the base has Debian's, which is older than that of official images."""

OURS, PEER = "ci image", "image by pip install in a Dockerfile"
PULL, MODULES = "pull", ("mlflow", "prefect")
TIMES, WARM_UP = 1, 1


def pulls(
    place: Place, base: str, count: int, root: Path
) -> tuple[tuple[Series, ...], Target, tuple[str, ...]]:
    """Make and push both, then pull and start each count times; base is what the peer is put on,
    root a folder for engines."""
    registry = f"{place.lab.host}:{place.lab.port}"
    images = {OURS: f"{registry}/bench/ours:1", PEER: f"{registry}/bench/peer:1"}
    seconds(build(place, "--push", "--tag", images[OURS]), place.environ)
    _push_peer(images[PEER], base, root)
    with private_engine(root / "pulling") as engine:
        found = {
            what: _Bench(image, environment(DOCKER_HOST=engine.docker_host))
            for what, image in images.items()
        }
        contenders = {what: bench.run for what, bench in found.items()}
        runs = in_turns(count, contenders, warm_up=WARM_UP)
    whole = {what: Series(f"pull and first imports, {what}", taken) for what, taken in runs.items()}
    ratio = whole[PEER].median / whole[OURS].median
    target = Target(f"pull and first imports, times faster >= {TIMES}", TIMES, ratio, at_least=True)
    peer = found[PEER].size(place.environ)
    parts = [part for what, bench in found.items() for part in bench.series(what)]
    pythons = ", ".join(f"{what}: {bench.python}" for what, bench in found.items())
    notes = (f"pulled from the lab's registry, whose front is in Python; Python in {pythons}",)
    return (*whole.values(), *parts, *peer.series(PEER)), target, notes


def _push_peer(image: str, base: str, root: Path) -> None:
    # An engine of its own: what a build leaves in one would not have to be pulled.
    with tempfile.TemporaryDirectory(dir=root) as name, private_engine(root / "peer") as engine:
        shutil.copy(ASKED, name)
        (Path(name) / "Dockerfile").write_text(DOCKERFILE)
        buildkit.build(engine, Path(name), image, "--build-arg", f"BASE={base}")
        seconds((buildkit.docker(), "push", image), environment(DOCKER_HOST=engine.docker_host))


@dataclass
class _Bench:
    """One image, in an engine that is empty before each pull."""

    image: str
    environ: Mapping[str, str]
    python: str = ""
    unpacked: int = 0
    parts: dict[str, list[float]] = field(default_factory=dict)

    def run(self) -> float:
        os.sync()  # nobody has to wait for what the one before left to write
        took = {PULL: self._docker("pull", self.image)}
        for module in MODULES:
            took[f"import {module}"] = self._docker(*self._started(f"import {module}"))
        for part, second in took.items():
            self.parts.setdefault(part, []).append(second)
        self._look_and_remove()
        return sum(took.values())

    def series(self, what: str) -> list[Series]:
        """What each part took, without the warm-up."""
        taken = {part: tuple(runs[WARM_UP:]) for part, runs in self.parts.items()}
        return [Series(f"{part}, {what}", runs) for part, runs in taken.items()]

    def size(self, environ: Mapping[str, str]) -> Size:
        return Size(self.unpacked, compressed(layers_at(self.image, environ)))

    def _look_and_remove(self) -> None:
        asked = (buildkit.docker(), *self._started("import sys; print(sys.version.split()[0])"))
        self.python = subprocess.run(
            asked, env=self.environ, check=True, capture_output=True, text=True
        ).stdout.strip()
        with contextlib.closing(docker.DockerClient(self.environ["DOCKER_HOST"])) as client:
            self.unpacked = client.images.get(self.image).attrs["Size"]
            client.images.remove(self.image, force=True)
            if client.images.list(all=True):
                raise RunError("the engine still has images")

    def _started(self, code: str) -> tuple[str, ...]:
        """A new container without a network, in which Python runs this and ends."""
        return ("run", "--rm", "--network", "none", self.image, "python3", "-c", code)

    def _docker(self, *arguments: str) -> float:
        return seconds((buildkit.docker(), *arguments), self.environ)

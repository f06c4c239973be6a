"""The whole lab out of its parts, each built once and kept in the cache."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.lab import (
    compose_binary,
    conda_channel,
    course,
    cpython,
    debian,
    git_host,
    images,
    registry,
    rootfs,
    wheels,
)
from tests.lab.cache import build_once, default_cache, digest_of
from tests.lab.commands import require_tools
from tests.lab.errors import LabError

HERE = Path(__file__).parent
# The source files that shape a part's bytes: a change of one builds that part anew.
SOURCES = {
    "channel": (
        "conda_channel.py", "conda_lockfile.py", "conda_package.py", "cpython.py", "libraries.py",
        "wheels.py",
    ),
    "compose": ("compose_binary.py", "debian.py"),
    "git": ("git_host.py",),
    "images": ("images.py", "oci.py", "postgres-entrypoint.sh"),
    "registry": ("debian.py", "registry.py"),
    "rootfs": ("debian.py", "rootfs.py"),
}  # fmt: skip


def _nothing(line: str) -> None:
    """Say nothing of what is being built."""


@dataclass(frozen=True)
class LabFiles:
    """A built lab: where each part is and the course file that pins them."""

    cache: Path
    course_path: Path
    channel: Path
    compose: Path
    git: Path
    images: Path
    registry: Path
    pins: course.Pins

    def course_of(self, name: str) -> Path:
        """Return the course file of a shipped course, with the lab's pins and its locks beside."""
        return course.write(self.cache, self.pins, course.ENVS / name / "course.yml")

    @property
    def roots(self) -> tuple[Path, ...]:
        """Return the folders laid out like the internet."""
        return (self.channel, self.compose)


def build_lab(cache: Path | None = None, say: Callable[[str], None] = _nothing) -> LabFiles:
    """Build what is missing and return where everything is; costs nothing when all is there."""
    if platform.machine() != "x86_64":
        raise LabError(f"the lab is made for x86_64, this machine is {platform.machine()}")
    require_tools()
    place = cache or default_cache()
    parts = _Parts(place, say)
    with ThreadPoolExecutor(max_workers=4) as pool:
        # The longest first. The file systems take most of the time, the rest fits beside them.
        base = pool.submit(parts.rootfs, "postgres", rootfs.POSTGRES)
        python = pool.submit(parts.rootfs, "python", rootfs.PYTHON_BASE)
        channel = pool.submit(parts.channel)
        tool = pool.submit(parts.plain, "registry", registry.build, str(registry.SUITES))
        compose = pool.submit(parts.plain, "compose", compose_binary.build, "")
        git = pool.submit(parts.plain, "git", git_host.build, "")
        stored = parts.images(tool.result(), python.result(), base.result())
        pins = course.Pins(
            conda_lock=channel.result() / conda_channel.LOCK,
            compose=compose_binary.load(compose.result()),
            images=images.load(stored),
            commit=git_host.load(git.result()).commit,
        )
        return LabFiles(
            cache=place,
            course_path=course.write(place, pins),
            channel=channel.result(),
            compose=compose.result(),
            git=git.result(),
            images=stored,
            registry=tool.result(),
            pins=pins,
        )


@dataclass(frozen=True)
class _Parts:
    cache: Path
    say: Callable[[str], None]

    def channel(self) -> Path:
        inputs = {"python": cpython.find().identity, "wheels": str(sorted(wheels.PINS.items()))}
        return self._once("channel", inputs, conda_channel.build)

    def rootfs(self, name: str, wanted: rootfs.Rootfs) -> Path:
        inputs = {"wanted": repr(wanted), "mirror": debian.mirror()}
        return self._once("rootfs", inputs, wanted.build, folder=f"rootfs-{name}")

    def images(self, tool: Path, python: Path, postgres: Path) -> Path:
        inputs = {"python": python.name, "postgres": postgres.name}
        build = partial(images.build, tool=tool, python_rootfs=python, postgres_rootfs=postgres)
        return self._once("images", inputs, build)

    def plain(self, part: str, build: Callable[[Path], None], version: str) -> Path:
        return self._once(part, {"version": version}, build)

    def _once(
        self,
        part: str,
        inputs: dict[str, str],
        build: Callable[[Path], None],
        folder: str | None = None,
    ) -> Path:
        name = folder or part

        def told(target: Path) -> None:
            start = time.monotonic()
            self.say(f"{name}: building")
            build(target)
            self.say(f"{name}: built in {time.monotonic() - start:.0f} s")

        return build_once(self.cache, name, digest_of(_files(part), inputs), told)


def _files(part: str) -> Iterable[Path]:
    return [HERE / name for name in SOURCES[part]]

"""The environment step against pip, from the same lock.

No conda is to be had from a Python index or a Debian archive, so the peer does the smaller job:
pip installs the lock's wheels into an environment whose conda packages are there already, while
`ours` fetches and installs the conda packages too. Both have warm wheel caches and hash every
wheel; ours does not byte-compile, so pip is measured without it, and with it as it comes.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.measured import Measured, Series, Target
from benchmarks.place import forget_conda, running_lab
from benchmarks.timing import environment, in_turns, seconds
from bootstrap.core.cancel import Cancel
from bootstrap.core.step import Job
from bootstrap.course.load import load_course
from bootstrap.generation import Generation
from bootstrap.host.host import this_machine
from bootstrap.host.paths import Paths
from bootstrap.machine.blueprint import this_arch
from bootstrap.sources.source import Source
from bootstrap.steps.conda import install_conda
from bootstrap.steps.environment import CourseEnvironment

TIMES = 5
OURS = "environment step, conda cache cold"
WARM = "environment step, all caches warm"
PIP = "pip, wheels only, no byte-compiling"
COMPILING = "pip, wheels only, as it comes"


def measure(count: int) -> Measured:
    with tempfile.TemporaryDirectory(prefix="mlops-bench-") as root, running_lab() as lab:
        bench = _Bench(Path(root), lab.course_path, lab.url)
        runs = in_turns(
            count,
            {
                OURS: partial(bench.ours, cold=True),
                WARM: partial(bench.ours, cold=False),
                PIP: partial(bench.pip, "--no-compile"),
                COMPILING: bench.pip,
            },
        )
        wheels, conda = len(bench.generation.wheels), len(bench.generation.conda)
    ours, warm, pip, compiling = (Series(what, taken) for what, taken in runs.items())
    target = "times faster than pip alone, neither byte-compiling, >= 5"
    notes = (
        f"{conda} conda packages from the lab, {wheels} wheels from caches",
        "the peer is pip with --require-hashes for the wheels only: no conda can be had here",
        "pip asks the Python index about each wheel even where its cache has it",
    )
    ratio = Target(target, TIMES, pip.median / ours.median, at_least=True)
    return Measured("environment", (ours, warm, pip, compiling), (ratio,), notes)


class _Bench:
    """Two prefixes, one for each side, and a cache for each."""

    def __init__(self, root: Path, course: Path, source: str) -> None:
        self._root = root
        self._course = course
        self._source = source
        self._environ = environment(HOME=str(root / "home"), PIP_CACHE_DIR=str(root / "pip"))
        self._paths = Paths.of(self._environ)
        loaded = load_course(course)
        self.generation = Generation(loaded, this_arch(), self._paths)
        self._peer = root / "peer"

    def ours(self, *, cold: bool) -> float:
        shutil.rmtree(self.generation.prefix, ignore_errors=True)
        if cold:
            forget_conda(self._paths.cache)
        argv = (sys.executable, "-m", "benchmarks.environment", str(self._course), self._source)
        return seconds(argv, self._environ)

    def pip(self, *options: str) -> float:
        shutil.rmtree(self._peer, ignore_errors=True)
        cache, source = self._root / "peer-conda", Source.parse(self._source)
        install_conda(self.generation.conda, self._peer, cache, source, _job())
        python = self._peer / "bin" / "python"
        seconds((python, "-m", "ensurepip"), self._environ)  # not timed; the lock has no pip
        argv: tuple[str | Path, ...] = (
            *(python, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"),
            *("--only-binary", ":all:", "--requirement", self.generation.requirements),
            *options,
        )
        return seconds(argv, self._environ)


def _job() -> Job:
    return Job("environment", lambda _event: None, Cancel())


def _install(course: Path, source: str) -> None:
    """The step as `up` applies it, in a process of its own as pip is in one."""
    _, host = this_machine(os.environ)
    generation = Generation(load_course(course), this_arch(), host.paths)
    CourseEnvironment(generation, Source.parse(source)).apply(host, _job())


if __name__ == "__main__":
    _install(Path(sys.argv[1]), sys.argv[2])

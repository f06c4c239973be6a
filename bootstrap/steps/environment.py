"""The course environment: one generation, built at its own path and switched to when complete."""

from __future__ import annotations

import json
import re
from functools import cached_property
from pathlib import Path

from bootstrap.core.step import Job, Observation, Step
from bootstrap.course.condalock import CondaPin, read_conda_lock
from bootstrap.course.load import LoadedCourse
from bootstrap.course.locks import environment_digest
from bootstrap.course.model import SUBDIRS, Arch
from bootstrap.course.requirements import (
    WheelPin,
    marker_environment,
    read_requirements,
    wanted,
)
from bootstrap.host.files import link_atomically, write_atomically
from bootstrap.host.host import Host, HostView
from bootstrap.host.paths import Paths
from bootstrap.sources.source import Source
from bootstrap.steps.conda import install_conda, installed_packages
from bootstrap.steps.wheels import install_wheels, installed_wheels, site_packages_of

COMPLETE = ".mlops-bootstrap.json"
"""Written last into a prefix: without it an install was cut off and goes on."""


class Generation:
    """One environment as its locks describe it, and where it is on a machine."""

    def __init__(self, loaded: LoadedCourse, arch: Arch, paths: Paths) -> None:
        self._loaded = loaded
        self._arch = arch
        self.digest = environment_digest(loaded.conda_lock, loaded.requirements)
        self.prefix = paths.environments / f"{loaded.course.name}-{self.digest[:12]}"
        self.current = paths.environments / "current"

    @property
    def requirements(self) -> Path:
        """The requirements file with hashes."""
        return self._loaded.requirements

    @cached_property
    def conda(self) -> tuple[CondaPin, ...]:
        """The conda packages of this platform."""
        return read_conda_lock(self._loaded.conda_lock, SUBDIRS[self._arch])

    @cached_property
    def wheels(self) -> tuple[WheelPin, ...]:
        """The wheels of this platform and Python."""
        pins = read_requirements(self.requirements)
        return wanted(pins, marker_environment(self.python, self._arch))

    @property
    def python(self) -> str:
        """Version of the environment's Python."""
        return next(pin.version for pin in self.conda if pin.name == "python")

    def missing(self) -> int:
        """How many packages have no complete metadata in the prefix."""
        conda = {f"{pin.name}-{pin.version}-{pin.build}" for pin in self.conda}
        wheels = {_canonical(f"{pin.name}-{pin.version}") for pin in self.wheels}
        there = map(_canonical, installed_wheels(site_packages_of(self.prefix, self.python)))
        return len(conda - installed_packages(self.prefix)) + len(wheels - set(there))

    def is_complete(self) -> bool:
        """Whether the last thing an install writes is there, and was written for these locks."""
        try:
            return bool(json.loads((self.prefix / COMPLETE).read_text())["digest"] == self.digest)
        except (OSError, ValueError, KeyError, TypeError):
            return False


class CourseEnvironment(Step[HostView, Host]):
    """The generation of the course's locks, complete and current."""

    name = "environment"
    title = "Course environment"

    def __init__(self, generation: Generation, source: Source) -> None:
        self._generation = generation
        self._source = source

    def observe(self, view: HostView) -> Observation:
        generation = self._generation
        wanted = f"generation {generation.digest[:12]}"
        if not generation.is_complete():
            found = "half installed" if generation.prefix.exists() else "absent"
            return Observation(False, found, wanted)
        if missing := generation.missing():
            return Observation(False, f"{missing} packages are gone", wanted)
        if generation.current.resolve() != generation.prefix.resolve():
            return Observation(False, "installed, not current", wanted)
        return Observation(True, wanted, wanted)

    def apply(self, host: Host, job: Job) -> None:
        generation = self._generation
        if not generation.is_complete() or generation.missing():
            (generation.prefix / COMPLETE).unlink(missing_ok=True)
            cache = host.paths.cache
            install_conda(generation.conda, generation.prefix, cache / "conda", self._source, job)
            count = len(generation.wheels)
            install_wheels(generation.requirements, generation.prefix, count, host, job)
            done = json.dumps({"version": 1, "digest": generation.digest})
            write_atomically(generation.prefix / COMPLETE, done.encode())
        link_atomically(generation.current, generation.prefix)


def _canonical(name_and_version: str) -> str:
    """One spelling for a distribution (the name as PEP 503 has it; `1.0` and `1.0.0` differ)."""
    return re.sub(r"[-_.]+", "-", name_and_version).lower()

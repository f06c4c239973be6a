"""A generation: one environment as its locks describe it, and where it is on a machine."""

from __future__ import annotations

import hashlib
import sysconfig
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from bootstrap.core.errors import BootstrapError
from bootstrap.core.writing import writing
from bootstrap.course.condalock import CondaPin, read_conda_lock
from bootstrap.course.locks import environment_digest
from bootstrap.course.model import SUBDIRS, Arch
from bootstrap.course.requirements import (
    WheelPin,
    marker_environment,
    read_requirements,
    wanted,
)
from bootstrap.generation.contents import Contents, Difference, Found
from bootstrap.generation.installed import (
    COMPLETE,
    CONDA_LOCK,
    DIGITS,
    KEPT,
    REQUIREMENTS,
    Installed,
    course_of,
)
from bootstrap.generation.system_python import SystemPython, find_python
from bootstrap.host.files import write_atomically
from bootstrap.host.paths import Paths


class Locks(Protocol):
    """The two locks of a course, as a LoadedCourse has them beside it or a generation in it."""

    @property
    def name(self) -> str:
        """The name of the course."""

    @property
    def conda_lock(self) -> Path:
        """The conda packages."""

    @property
    def requirements(self) -> Path:
        """The wheels."""


@dataclass(frozen=True, slots=True)
class KeptLocks:
    """The locks that a generation keeps of itself."""

    name: str
    conda_lock: Path
    requirements: Path


class Generation:
    """One environment as its locks describe it, and where it is on a machine.

    system is the Python that its wheels go onto instead of the locked conda packages.
    """

    def __init__(
        self, locks: Locks, arch: Arch, paths: Paths, system: SystemPython | None = None
    ) -> None:
        self._locks = locks
        self._arch = arch
        self.paths = paths
        self.system = system
        self.course = locks.name
        digest = environment_digest(locks.conda_lock, locks.requirements)
        self.digest = _on_system(digest, system) if system else digest
        self.prefix = paths.environments / f"{self.course}-{self.digest[:DIGITS]}"

    @classmethod
    def kept(cls, prefix: Path, arch: Arch, paths: Paths) -> Generation:
        """The generation at a prefix, read from the locks that it keeps of itself.

        Raises BootstrapError E-GENERATION-LOCKS where they are not there or not those that it was
        made from.
        """
        folder = prefix / KEPT
        locks = KeptLocks(course_of(prefix), folder / CONDA_LOCK, folder / REQUIREMENTS)
        if not (locks.conda_lock.is_file() and locks.requirements.is_file()):
            raise _unreadable(prefix, "keeps no locks: an older mlops-bootstrap made it")
        made = cls(locks, arch, paths, SystemPython.read(folder))
        if made.prefix != prefix:
            raise _unreadable(prefix, "keeps locks that are not those it was made from")
        return made

    def on_system(self, path: str) -> Generation:
        """The same wheels on the CPython of the same series that is on this PATH.

        Raises RequirementError E-NO-PYTHON.
        """
        version = next(pin.version for pin in self._locked if pin.name == "python")
        return Generation(self._locks, self._arch, self.paths, find_python(version, path))

    @property
    def requirements(self) -> Path:
        """The requirements file with hashes."""
        return self._locks.requirements

    @cached_property
    def conda(self) -> tuple[CondaPin, ...]:
        """The conda packages of this platform that belong in it."""
        return () if self.system else self._locked

    @property
    def unheld(self) -> tuple[str, ...]:
        """The pins that are not held, because the Python is the system's: `NAME VERSION` each."""
        return tuple(f"{pin.name} {pin.version}" for pin in self._locked) if self.system else ()

    @cached_property
    def _locked(self) -> tuple[CondaPin, ...]:
        return read_conda_lock(self._locks.conda_lock, SUBDIRS[self._arch])

    @cached_property
    def wheels(self) -> tuple[WheelPin, ...]:
        """The wheels of this platform and Python."""
        pins = read_requirements(self.requirements)
        return wanted(pins, marker_environment(self.python, self._arch))

    @cached_property
    def python(self) -> str:
        """Version of the environment's Python."""
        if installed := self._installed():
            return installed.python
        if self.system:
            return self.system.version
        return next(pin.version for pin in self.conda if pin.name == "python")

    @property
    def site_packages(self) -> Path:
        """Where the prefix keeps its distributions."""
        short = ".".join(self.python.split(".")[:2])
        variables = {"base": str(self.prefix), "py_version_short": short}
        return Path(sysconfig.get_path("purelib", "posix_prefix", variables))

    @property
    def contents(self) -> Contents:
        """The packages that have to be in it."""
        if installed := self._installed():
            return installed.contents
        return Contents(
            {pin.name: f"{pin.version}-{pin.build}" for pin in self.conda},
            {pin.name: pin.version for pin in self.wheels},
        )

    def missing(self) -> tuple[Difference, ...]:
        """The packages that are gone from the prefix, or in it in another version."""
        return Found.read(self.prefix).missing(self.contents)

    def is_complete(self) -> bool:
        """Whether the last thing an install writes is there, and was written for these locks."""
        return self._installed() is not None

    def mark_complete(self) -> None:
        """Say that everything is in the prefix; the last thing that an install does.

        The locks are kept in it first: those of the course will be others one day.
        """
        for name, lock in ((CONDA_LOCK, self._locks.conda_lock), (REQUIREMENTS, self.requirements)):
            write_atomically(self.prefix / KEPT / name, lock.read_bytes())
        if self.system:
            self.system.write(self.prefix / KEPT)
        Installed(self.prefix, self.digest, self.python, self.contents).write()

    def mark_incomplete(self) -> None:
        """Say that the prefix is being worked on."""
        with writing(self.prefix):
            (self.prefix / COMPLETE).unlink(missing_ok=True)

    def _installed(self) -> Installed | None:
        found = Installed.read(self.prefix)
        return found if found and found.digest == self.digest else None


def _on_system(digest: str, system: SystemPython) -> str:
    """The digest of what the locks make on another Python than theirs."""
    return hashlib.sha256(f"{digest} on CPython {system.series}".encode()).hexdigest()


def _unreadable(prefix: Path, why: str) -> BootstrapError:
    return BootstrapError(
        "E-GENERATION-LOCKS",
        f"the environment {prefix.name} {why}",
        where=str(prefix / KEPT),
        remedy="stay with the environment that is current, or `mlops-bootstrap update`",
    )

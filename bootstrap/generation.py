"""A generation: one environment as its locks describe it, and what of it is on this machine."""

from __future__ import annotations

import json
import re
import sysconfig
from functools import cached_property
from pathlib import Path
from typing import Any

from bootstrap.core.writing import writing
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
from bootstrap.host.files import write_atomically
from bootstrap.host.paths import Paths

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

    @cached_property
    def python(self) -> str:
        """Version of the environment's Python."""
        if marker := self._marker():
            return str(marker["python"])
        return next(pin.version for pin in self.conda if pin.name == "python")

    @property
    def site_packages(self) -> Path:
        """Where the prefix keeps its distributions."""
        short = ".".join(self.python.split(".")[:2])
        variables = {"base": str(self.prefix), "py_version_short": short}
        return Path(sysconfig.get_path("purelib", "posix_prefix", variables))

    def missing(self) -> int:
        """How many packages have no complete metadata in the prefix."""
        conda, wheels = self._listed() or (self._conda_names(), self._wheel_names())
        gone = wheels - _installed_wheels(self.site_packages)
        return len(conda - _installed_conda(self.prefix)) + len(gone)

    def is_complete(self) -> bool:
        """Whether the last thing an install writes is there, and was written for these locks."""
        return self._listed() is not None

    def mark_complete(self) -> None:
        """Say that everything is in the prefix; the last thing that an install does.

        What everything is goes in too: reading it back is quicker than reading the locks.
        """
        names = {"conda": sorted(self._conda_names()), "wheels": sorted(self._wheel_names())}
        done = json.dumps({"version": 1, "digest": self.digest, "python": self.python, **names})
        write_atomically(self.prefix / COMPLETE, done.encode())

    def mark_incomplete(self) -> None:
        """Say that the prefix is being worked on."""
        with writing(self.prefix):
            (self.prefix / COMPLETE).unlink(missing_ok=True)

    def _marker(self) -> dict[str, Any] | None:
        """What the completeness marker says, if it was written for these locks by this version."""
        try:
            marker = json.loads((self.prefix / COMPLETE).read_bytes())
            if marker["digest"] == self.digest and isinstance(marker["python"], str):
                return dict(marker)
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def _listed(self) -> tuple[frozenset[str], frozenset[str]] | None:
        """The conda packages and wheels that the marker lists."""
        try:
            marker = self._marker() or {}
            return frozenset(marker["conda"]), frozenset(marker["wheels"])
        except (KeyError, TypeError):
            return None

    def _conda_names(self) -> frozenset[str]:
        return frozenset(f"{pin.name}-{pin.version}-{pin.build}" for pin in self.conda)

    def _wheel_names(self) -> frozenset[str]:
        return frozenset(_canonical(f"{pin.name}-{pin.version}") for pin in self.wheels)


def _installed_conda(prefix: Path) -> frozenset[str]:
    """NAME-VERSION-BUILD of every conda package whose metadata is in the prefix."""
    return frozenset(path.stem for path in (prefix / "conda-meta").glob("*.json"))


def _installed_wheels(site_packages: Path) -> frozenset[str]:
    """NAME-VERSION of every distribution whose metadata is complete.

    That is RECORD and INSTALLER: a wheel brings the first, who installs it writes the other last.
    """
    records = site_packages.glob("*.dist-info/RECORD")
    complete = [r.parent.name for r in records if (r.parent / "INSTALLER").exists()]
    return frozenset(_canonical(name.removesuffix(".dist-info")) for name in complete)


def _canonical(name_and_version: str) -> str:
    """One spelling for a distribution (the name as PEP 503 has it; `1.0` and `1.0.0` differ)."""
    return re.sub(r"[-_.]+", "-", name_and_version).lower()

"""The record of a proof: a file beside the locks that says what was proven, when and where."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bootstrap import __version__
from bootstrap.core.errors import UsageError
from bootstrap.core.step import Job
from bootstrap.course.load import LoadedCourse
from bootstrap.generation import Generation
from bootstrap.host.facts import Machine, read_machine
from bootstrap.host.files import write_atomically
from bootstrap.host.host import Host
from bootstrap.proof.imports import Imports
from bootstrap.proof.trial import Evidence, Trial
from bootstrap.sources.source import Source

VERSION = 1
"""Goes up when a field changes its meaning or goes away; a new field leaves it."""

FILE = "proof.json"


@dataclass(frozen=True)
class Record:
    """What a proof found; as_json() is what the file holds."""

    loaded: LoadedCourse
    generation: Generation
    source: Source
    machine: Machine
    date: datetime
    trials: Sequence[Trial]
    versions: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """The record as a JSON object, version 1."""
        loaded, generation, machine = self.loaded, self.generation, self.machine
        locks = (loaded.conda_lock, loaded.requirements)
        return {
            "version": VERSION,
            "kind": "proof",
            "date": self.date.isoformat(timespec="seconds"),
            "tool": __version__,
            "course": loaded.course.name,
            "environment": generation.digest,
            "locks": {lock.name: hashlib.sha256(lock.read_bytes()).hexdigest() for lock in locks},
            "platform": {
                "system": machine.pretty_name,
                "arch": machine.arch,
                "glibc": machine.glibc,
                "python": generation.python,
            },
            "conda": {
                "source": str(self.source),
                "channels": sorted({pin.url.rsplit("/", 2)[0] for pin in generation.conda}),
                "packages": {pin.name: pin.version for pin in generation.conda},
            },
            "proven": [
                {
                    "step": trial.name,
                    "seconds": round(trial.seconds, 1),
                    "found": trial.evidence.said,
                    **trial.evidence.details,
                }
                for trial in self.trials
                if trial.evidence
            ],
            "packages": self.versions,
        }


class Recording(Trial):
    """The file, replaced whole once all trials went well."""

    name = "record"
    title = "Record"

    def __init__(
        self,
        loaded: LoadedCourse,
        generation: Generation,
        source: Source,
        trials: Sequence[Trial],
        file: Path,
    ) -> None:
        self.requires = frozenset(trial.name for trial in trials)
        self._about = (loaded, generation, source)
        self._trials = tuple(trials)
        self._file = file

    def prove(self, host: Host, job: Job) -> Evidence:
        now = datetime.now(UTC)
        versions = next(t.versions for t in self._trials if isinstance(t, Imports))
        record = Record(*self._about, read_machine(), now, self._trials, versions)
        write_atomically(self._file, (json.dumps(record.as_json(), indent=1) + "\n").encode())
        return Evidence(f"written to {self._file}")


def check_writable(file: Path) -> None:
    """Raise UsageError E-PROOF-OUTPUT where a proof could not be written at its end."""
    writable = os.access(file if file.exists() else file.parent, os.W_OK)
    if file.is_dir() or not writable or not os.access(file.parent, os.W_OK | os.X_OK):
        raise UsageError(
            "E-PROOF-OUTPUT",
            "the record of the proof cannot be written there",
            where=str(file),
            remedy="say with --output FILE where it goes",
        )


@dataclass(frozen=True, slots=True)
class Proven:
    """What the record beside the locks of a course says: when, on what architecture, and of which
    locks (file names) that are still as they were."""

    date: str
    arch: str
    same: tuple[str, ...]
    other: tuple[str, ...]


def proven(loaded: LoadedCourse) -> Proven | None:
    """The record beside the locks of a course; None where there is none that can be read."""
    try:
        record = json.loads((loaded.directory / FILE).read_bytes())
        locks, platform, date = record["locks"], record["platform"], str(record["date"])
        digests = {
            lock.name: hashlib.sha256(lock.read_bytes()).hexdigest()
            for lock in (loaded.conda_lock, loaded.requirements)
        }
        same = tuple(name for name, digest in digests.items() if locks.get(name) == digest)
        other = tuple(name for name in digests if name not in same)
        return Proven(date, str(platform["arch"]), same, other)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def older(file: Path) -> str:
    """The date of the record that is there, as it says; empty where there is none."""
    try:
        return str(json.loads(file.read_bytes())["date"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""

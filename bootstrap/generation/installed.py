"""A generation on this machine: its completeness marker, and the locks that it keeps of itself."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bootstrap.generation.contents import Contents, Difference, Found
from bootstrap.host.files import write_atomically

COMPLETE = ".mlops-bootstrap.json"
"""Written last into a prefix: without it an install was cut off and goes on."""

KEPT = ".mlops-bootstrap"
"""The folder of a prefix with the locks that it was made from, as CONDA_LOCK and REQUIREMENTS."""

CONDA_LOCK, REQUIREMENTS = "conda-lock.yml", "requirements.txt"

DIGITS = 12
"""Of the digest, how many a prefix carries in its name."""

_VERSION = 2
"""Version 1 had no names apart from versions, and kept no locks."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A complete generation as its marker describes it: what its locks want in it."""

    prefix: Path
    digest: str
    python: str
    contents: Contents

    @classmethod
    def read(cls, prefix: Path) -> Installed | None:
        """The generation at this prefix; None where it is not complete, or was marked so by an
        older version of this tool."""
        try:
            marker = _marker(prefix)
            if marker["version"] != _VERSION or not isinstance(marker["python"], str):
                return None
            contents = Contents(_named(marker["conda"]), _named(marker["wheels"]))
            return cls(prefix, marker["digest"], marker["python"], contents)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self) -> None:
        """Mark the prefix as complete. What has to be in it goes in too: reading it back is
        quicker than reading the locks."""
        marker = {
            "version": _VERSION, "digest": self.digest, "python": self.python,
            **asdict(self.contents),
        }  # fmt: skip
        write_atomically(self.prefix / COMPLETE, json.dumps(marker, sort_keys=True).encode())

    def drift(self) -> tuple[Difference, ...]:
        """What differs from the locks by now: gone, of another version, or added by hand."""
        found = Found.read(self.prefix)
        return tuple(sorted([*found.missing(self.contents), *found.added(self.contents)]))


def digest_of(prefix: Path) -> str:
    """The digest of the complete generation at a prefix, of whatever version of this tool it is;
    empty where there is none."""
    try:
        return str(_marker(prefix)["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def course_of(prefix: Path) -> str:
    """The name of the course that a generation's prefix is of."""
    return prefix.name.rpartition("-")[0]


def _marker(prefix: Path) -> dict[str, Any]:
    """What a marker says. Raises ValueError for one of another generation."""
    marker = dict(json.loads((prefix / COMPLETE).read_bytes()))
    if prefix.name.rpartition("-")[2] != marker["digest"][:DIGITS]:
        raise ValueError(f"{prefix} has the marker of another generation")
    return marker


def _named(found: Any) -> dict[str, str]:
    """Names with versions. Raises TypeError for anything else."""
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise TypeError("not a mapping of names to versions")
    return found

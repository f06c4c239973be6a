"""A CPython of this machine as the base of an environment, where the locked one cannot be had."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bootstrap.core.errors import RequirementError
from bootstrap.host import command
from bootstrap.host.files import write_atomically

FILE = "python.json"
"""What a generation keeps of the Python that it was made on, beside its locks."""

ASK = """
import json, platform, sys
print(json.dumps([platform.python_implementation(), platform.python_version(),
                  sys._base_executable]))
"""


@dataclass(frozen=True, slots=True)
class SystemPython:
    """A CPython that is installed: its program, and its version such as 3.12.3."""

    program: str
    version: str

    @property
    def series(self) -> str:
        """What wheels are made for, such as 3.12."""
        return series_of(self.version)

    def write(self, folder: Path) -> None:
        """Keep it in a folder. Raises BootstrapError E-DISK-FULL or E-WRITE."""
        write_atomically(folder / FILE, json.dumps(asdict(self)).encode())

    @classmethod
    def read(cls, folder: Path) -> SystemPython | None:
        """The one that a folder keeps, None where there is none."""
        try:
            kept = json.loads((folder / FILE).read_bytes())
            return cls(str(kept["program"]), str(kept["version"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def series_of(version: str) -> str:
    """The first two numbers of a version."""
    return ".".join(version.split(".")[:2])


def find_python(version: str, path: str) -> SystemPython:
    """The first CPython on this PATH of the same series as a locked version.

    Raises RequirementError E-NO-PYTHON.
    """
    series = series_of(version)
    for program in _candidates(series, path):
        found = _ask(program)
        if found and found.series == series:
            return found
    raise RequirementError(
        "E-NO-PYTHON",
        f"there is no CPython {series} on this machine, for which the wheels of the lock are",
        where="PATH",
        remedy=f"install it (apt-get install python{series} where the distribution has it), or take"
        " the locked one: --python locked",
    )


def _candidates(series: str, path: str) -> Iterator[str]:
    for name in (f"python{series}", "python3"):
        for folder in path.split(os.pathsep):
            if program := shutil.which(name, path=folder):
                yield program


def _ask(program: str) -> SystemPython | None:
    answer = command.query((program, "-I", "-S", "-c", ASK))
    try:
        kind, version, base = json.loads(answer.output)
    except (ValueError, TypeError):
        return None
    return SystemPython(base, version) if answer.code == 0 and kind == "CPython" else None

"""One service as a program that the supervisor runs."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

STARTS = 20
"""Seconds that a program has to run to count as started: MLflow needs 10 to find its port taken."""

RETRIES = 8
"""How often one that ended before that is started again, a second later each time than before."""

STOPS = 10
"""Seconds from asking a program to stop to killing it: the longest is 8, a worker's whose server is
gone."""

LOG_BYTES, LOG_BACKUPS = 10_000_000, 2
"""As for containers: 30 MB a service."""


@dataclass(frozen=True, slots=True)
class Program:
    """What a service is started with: its argument list and all of its variables."""

    name: str
    argv: tuple[str, ...]
    variables: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Changes with anything that the service is started with."""
        return hashlib.sha256(self.script.encode()).hexdigest()

    @property
    def script(self) -> str:
        """What the supervisor has a shell run; a person can run it too."""
        exports = [f"export {k}={shlex.quote(v)}" for k, v in sorted(self.variables.items())]
        lines = [
            f"# Written by mlops-bootstrap: starts {self.name}.",
            *exports,
            f"exec {shlex.join(self.argv)}",
        ]
        return "\n".join(lines) + "\n"


def section(program: Program, group: str) -> str:
    """The part of supervisord's configuration for a program.

    Its paths are relative to the folder of the services, where the supervisor runs: the home of a
    user may have characters in its name that mean something there.
    """
    # KILL, for whatever the supervisor's end: each service is one process, its files those of a
    # database, and nobody would see to it that it heeds anything less.
    command = f"setpriv --pdeathsig KILL -- sh ../{program.name}.sh"
    settings = {
        "command": command,
        "directory": "data",
        "autorestart": "true",
        "startsecs": str(STARTS),
        "startretries": str(RETRIES),
        "stopwaitsecs": str(STOPS),
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": f"logs/{program.name}.log",
        "stdout_logfile_maxbytes": str(LOG_BYTES),
        "stdout_logfile_backups": str(LOG_BACKUPS),
    }
    named = {f"program:{program.name}": settings, f"group:{group}": {"programs": program.name}}
    return "\n".join(ini(name, keys) for name, keys in named.items())


def ini(name: str, settings: Mapping[str, str]) -> str:
    """A section of supervisord's configuration."""
    lines = [f"{key} = {value}" for key, value in settings.items()]
    return "\n".join([f"[{name}]", *lines, ""])

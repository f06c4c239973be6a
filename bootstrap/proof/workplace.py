"""Where a proof happens: a fresh prefix, folders, ports and servers, all gone at its end."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Job
from bootstrap.core.writing import writing
from bootstrap.course.load import LoadedCourse
from bootstrap.course.model import Arch
from bootstrap.generation import Generation
from bootstrap.host.background import Background
from bootstrap.host.command import Command
from bootstrap.host.host import Host
from bootstrap.host.paths import Paths
from bootstrap.host.ports import free_ports
from bootstrap.inside import INSIDE
from bootstrap.runtimes.native import settings
from bootstrap.runtimes.native.settings import Ports

FOLDER = "proof"
"""Below the data folder: files are linked from the caches, which are on the same file system. One
name, for the run lock keeps two proofs apart: what a killed one left is removed by the next."""

TEMPORARY = "tmp"
"""The link in it that names the temporary folder, for whoever removes both."""

REMEDY = "tell who made the course: its lock resolves and does not work"
TRIAL_DEADLINE = 900.0
"""Seconds for one program of a proof; on two cores the longest takes one minute."""


@dataclass(frozen=True)
class Workplace:
    """One environment that is being proven, and what stands around it.

    folder holds databases, logs and a home, all of this run alone; temporary has a short path, for
    sockets that libraries make in TMPDIR have 107 characters at the most; servers are what was
    started.
    """

    generation: Generation
    folder: Path
    temporary: Path
    ports: Ports
    servers: ExitStack = field(repr=False)

    def command(self, *argv: str, more: Mapping[str, str] | None = None) -> Command:
        """A command of the environment, with the surroundings that the course image gives it.

        Nothing of the caller's own environment gets in: no PYTHONPATH, no settings, no proxy.
        """
        prefix = self.generation.prefix
        home = self.folder / "home"
        around = {
            **settings.surroundings(prefix, home, home / "prefect"),
            "TMPDIR": str(self.temporary),
            "USER": "course",
            **(more or {}),
        }
        program = (str(prefix / "bin" / argv[0]), *argv[1:])
        return Command(program, around, home, deadline=TRIAL_DEADLINE, isolated=True)

    def ask(
        self, script: str, question: Any, code: str, host: Host, job: Job, *, quiet: bool = False
    ) -> Any:
        """Have a script of `inside` answer a question, both JSON, in the environment's interpreter.

        Raises what run() raises.
        """
        asked, answered = (self.folder / f"{script}.{part}.json" for part in ("asked", "answered"))
        with writing(asked):
            asked.write_text(json.dumps(question))
        self.run(INSIDE / f"{script}.py", (str(asked), str(answered)), code, host, job, quiet=quiet)
        return json.loads(answered.read_text())

    def run(
        self,
        script: Path,
        arguments: tuple[str, ...],
        code: str,
        host: Host,
        job: Job,
        *,
        quiet: bool = False,
    ) -> None:
        """Run a script in the environment's interpreter, with the servers at hand.

        Raises BootstrapError with this code where it fails, E-COMMAND-DEADLINE.
        """
        # -I: what lies in the script's own folder must not stand for a module of the environment.
        what = self.command(
            "python", "-I", str(script), *arguments, more=settings.clients(self.ports)
        )
        try:
            host.run(what, job, quiet=quiet)
        except BootstrapError as error:
            if error.code != "E-COMMAND-FAILED":
                raise
            said = error.what.splitlines()[-1]
            raise BootstrapError(code, said, where=script.name, remedy=REMEDY) from error

    def start(self, name: str, what: Command, host: Host) -> Background:
        """Start a server that runs until the proof ends; its log is a file in the folder."""
        running = host.start(what, self.folder / f"{name}.log")
        self.servers.callback(running.end)
        return running


@contextmanager
def workplace(loaded: LoadedCourse, arch: Arch, paths: Paths) -> Iterator[Workplace]:
    """A workplace for the locks of a course. At its end servers are ended and folders removed.

    Raises BootstrapError E-WRITE or E-DISK-FULL. The run lock has to be held.
    """
    room = paths.data / FOLDER
    with ExitStack() as stack:
        _remove(room)
        stack.callback(_remove, room)
        folder = room / "work"
        with writing(room):
            (folder / "home").mkdir(parents=True)
            temporary = Path(tempfile.mkdtemp(prefix="proof-"))
            (room / TEMPORARY).symlink_to(temporary)
        servers = stack.enter_context(ExitStack())
        generation = Generation(loaded, arch, dataclasses.replace(paths, data=room))
        yield Workplace(generation, folder, temporary, Ports(*free_ports(3)), servers)


def _remove(room: Path) -> None:
    """Remove a room, its temporary folder too."""
    link = room / TEMPORARY
    if link.is_symlink():
        shutil.rmtree(link.readlink(), ignore_errors=True)
    shutil.rmtree(room, ignore_errors=True)

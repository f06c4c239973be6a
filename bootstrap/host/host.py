"""The machine as steps see it: a view that can only read, and a host that can also change."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Mapping
from pathlib import Path

from bootstrap.core.step import Job
from bootstrap.host import command
from bootstrap.host.background import Background
from bootstrap.host.command import Command, Result
from bootstrap.host.docker_api import Engine
from bootstrap.host.docker_view import DEFAULT_SOCKET, EngineView
from bootstrap.host.paths import Paths


class HostView:
    """What steps may look at. Nothing here changes the machine."""

    def __init__(self, environ: Mapping[str, str], paths: Paths, engine: EngineView) -> None:
        self.environ = environ
        self.paths = paths
        self.engine = engine

    @property
    def user(self) -> str:
        """Name of the user who runs this."""
        try:
            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:  # a container may run as a number that has no name
            return self.environ.get("USER", "")

    @property
    def hostname(self) -> str:
        """Name of the machine."""
        return os.uname().nodename

    @property
    def is_root(self) -> bool:
        """Whether this runs as root, so that nothing needs sudo."""
        return os.geteuid() == 0

    @property
    def engine_is_ours(self) -> bool:
        """Whether it is the machine's own engine: one in DOCKER_HOST is managed elsewhere."""
        return not self.environ.get("DOCKER_HOST")

    @property
    def has_systemd(self) -> bool:
        """Whether systemd runs this machine (the test of sd_booted(3))."""
        return Path("/run/systemd/system").is_dir()

    def has_init_script(self, service: str) -> bool:
        """Whether a service can be started without systemd."""
        return Path("/etc/init.d", service).exists() and self.which("service") is not None

    def which(self, program: str) -> Path | None:
        """Where a program is; the folders for root's programs count, though a user lacks them."""
        places = f"{self.environ.get('PATH', '')}:{command.OF_ROOT}"
        found = shutil.which(program, path=places)
        return Path(found) if found else None

    def query(self, *argv: str) -> Result:
        """Ask a program something read-only."""
        return command.query(argv)


class Host(HostView):
    """The machine, to change it."""

    def __init__(self, environ: Mapping[str, str], paths: Paths, engine: Engine) -> None:
        super().__init__(environ, paths, engine)
        self.engine: Engine = engine

    def run(self, what: Command, job: Job, *, quiet: bool = False) -> Result:
        """Run a command; each of its lines becomes a note of the step unless quiet.

        Raises BootstrapError where it fails, Interrupted where the run is cancelled.
        """
        return command.check(what, job.cancel, None if quiet else job.note)

    def start(self, what: Command, log: Path) -> Background:
        """Start a command that runs beside us, its output in a file; who starts it ends it."""
        return Background(what, log)


def this_machine(environ: Mapping[str, str]) -> tuple[HostView, Host]:
    """The machine this runs on, as a view and as a host."""
    paths = Paths.of(environ)
    address = environ.get("DOCKER_HOST") or f"unix://{DEFAULT_SOCKET}"
    return HostView(environ, paths, EngineView(address)), Host(environ, paths, Engine(address))

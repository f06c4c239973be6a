"""The services of a course as programs: where they are, and what their supervisor is told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bootstrap.course.model import Service
from bootstrap.generation import Generation
from bootstrap.host.user_unit import UserUnit
from bootstrap.runtimes.native import settings
from bootstrap.runtimes.native.program import Program, ini, section
from bootstrap.runtimes.native.settings import Ports

SERVICES = ("mlflow", "prefect", "worker")
"""In the order in which they are started. The databases are files, so nothing serves them."""

QUERY_SECONDS = 3
DIGITS = 12

PASSED_ON = (
    "http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
    "ALL_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "TZ", "USER", "LOGNAME",
)  # fmt: skip
"""What of the user's own surroundings the services get: flows fetch data as the user would."""


@dataclass(frozen=True)
class NativeStack:
    """The services of one course on one machine, run from one generation.

    folder holds all of them; scripts is where the tool's own programs for services are.
    """

    project: str
    folder: Path
    scripts: Path
    home: Path
    generation: Generation
    services: Mapping[str, Service]
    ports: Mapping[str, int]
    bind: str

    @property
    def socket(self) -> Path:
        """Where the supervisor answers its owner."""
        return self.folder / "supervisor.sock"

    @property
    def unit(self) -> UserUnit:
        """The supervisor as a service of the user's systemd, where that lasts."""
        return UserUnit(f"mlops-bootstrap-{self.project}", self.home)

    @property
    def configuration(self) -> Path:
        """The supervisor's configuration."""
        return self.folder / "supervisor.conf"

    @property
    def data(self) -> Path:
        """Databases and artifacts: what `down` keeps."""
        return self.folder / "data"

    @property
    def flows(self) -> Path:
        """Where the flow of the proof is."""
        return self.folder / "flows"

    @property
    def temporary(self) -> Path:
        """What the services may lose: Prefect keeps files in a folder of one name for all users of
        a machine, so /tmp will not do."""
        return self.folder / "tmp"

    @property
    def logs(self) -> Path:
        """The logs of the services, a file each."""
        return self.folder / "logs"

    @property
    def worker_port(self) -> int:
        """The port on which the worker tells its health, chosen when it is started; 0 for none."""
        try:
            return int((self.folder / "worker.port").read_text())
        except (OSError, ValueError):
            return 0

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """The name of each service's group at the supervisor. It changes with what the service is
        started with, so that one look tells which are the right ones."""
        return {p.name: f"{p.name}-{p.digest[:DIGITS]}" for p in self.programs(0)}

    def programs(self, worker_port: int) -> tuple[Program, ...]:
        """Every service as the program that it is."""
        ports = Ports(self.ports["mlflow"], self.ports["prefect"], worker_port)
        bin_folder = self.generation.prefix / "bin"
        around = settings.surroundings(
            self.generation.prefix, self.home, self.folder / "prefect-settings"
        )
        around["TMPDIR"] = str(self.temporary)
        # -P: the folder of the script is no place to import from.
        serve = (str(bin_folder / "python"), "-P", str(self.scripts / "mlflow_server.py"))
        command, *arguments = settings.worker_command("course")
        prefect = str(bin_folder / command)
        told = {
            "mlflow": (serve, settings.mlflow(ports, self.data, self.bind)),
            "prefect": (
                (prefect, "server", "start"),
                settings.prefect(ports, self.data, self.bind),
            ),
            "worker": ((prefect, *arguments), settings.worker(ports, QUERY_SECONDS)),
        }
        return tuple(Program(n, argv, {**around, **more}) for n, (argv, more) in told.items())

    @property
    def config(self) -> str:
        """The text of the supervisor's configuration."""
        daemon = {
            "nodaemon": "true",
            "silent": "true",
            "identifier": self.project,
            "pidfile": "supervisor.pid",
            "logfile": "logs/supervisor.log",
            "logfile_maxbytes": "1000000",
            "logfile_backups": "1",
            "childlogdir": "logs",
        }
        if os.geteuid() == 0:
            daemon["user"] = "root"  # it would complain that nobody said so
        factory = "supervisor.rpcinterface:make_main_rpcinterface"
        parts = [
            "; Written by mlops-bootstrap.\n",
            ini("supervisord", daemon),
            # By the working directory: a socket's address has room for 107 bytes.
            ini("unix_http_server", {"file": "/proc/self/cwd/supervisor.sock", "chmod": "0600"}),
            ini("rpcinterface:supervisor", {"supervisor.rpcinterface_factory": factory}),
        ]
        parts += [section(p, self.groups[p.name]) for p in self.programs(0)]
        return "\n".join(parts)

    def url(self, service: str) -> str:
        """Where a service is for this machine."""
        return f"http://{settings.LOOPBACK}:{self.ports[service]}"

    def health(self, service: str) -> str:
        """The address that answers 200 when a service is healthy."""
        port = self.ports.get(service, self.worker_port)
        return f"http://{settings.LOOPBACK}:{port}{settings.HEALTH[service]}"

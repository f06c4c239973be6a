"""The servers start from the environment: MLflow, Prefect and its worker, with SQLite."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from bootstrap.checks.api import Api, Service, Sleep
from bootstrap.checks.orchestration_work import PREFECT
from bootstrap.checks.tracking_work import MLFLOW
from bootstrap.core.errors import BootstrapError, Interrupted
from bootstrap.core.step import LOG_LINES_KEPT, Job
from bootstrap.course.locate import compose_directory
from bootstrap.host.background import Background
from bootstrap.host.command import Command
from bootstrap.host.host import Host
from bootstrap.proof.trial import Evidence, Trial
from bootstrap.proof.workplace import REMEDY, Workplace
from bootstrap.runtimes.native import settings

WORKER = Service("Prefect's worker", "prefect")


class Server(Trial):
    """One server: started, and answering 200 at its path within its deadline (seconds)."""

    service: Service
    path: str
    requires = frozenset({"imports"})

    def __init__(self, place: Workplace, deadline: int) -> None:
        self.place = place
        self.deadline = deadline
        self.running: Background | None = None

    @abstractmethod
    def command(self) -> Command:
        """What starts it."""

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.place.ports.url(self.name)

    def prove(self, host: Host, job: Job) -> Evidence:
        self.running = self.place.start(self.name, self.command(), host)
        with watching(job, self) as sleep:
            Api(self.service, self.url, deadline_s=self.deadline, sleep=sleep).ready(self.path)
        return Evidence("healthy")


class MlflowServer(Server):
    """The tracking server, with the artifacts behind it."""

    name = "mlflow"
    title = "MLflow server"
    service = MLFLOW
    path = "/health"

    def command(self) -> Command:
        more = settings.mlflow(self.place.ports, self.place.folder)
        # -P: the folder of the script is no place to import from.
        script = str(compose_directory() / "mlflow_server.py")
        return self.place.command("python", "-P", script, more=more)


class PrefectServer(Server):
    """The Prefect server with its pages."""

    name = "prefect"
    title = "Prefect server"
    service = PREFECT
    path = "/api/ready"

    def command(self) -> Command:
        more = settings.prefect(self.place.ports, self.place.folder)
        return self.place.command("prefect", "server", "start", more=more)


class PrefectWorker(Server):
    """A worker of the process pool; it runs deployments and reaches both servers."""

    name = "worker"
    title = "Prefect worker"
    service = WORKER
    path = "/health"
    requires = frozenset({"mlflow", "prefect"})

    def command(self) -> Command:
        more = settings.worker(self.place.ports, query_seconds=1)
        return self.place.command(*settings.worker_command("proof"), more=more)


@contextmanager
def watching(job: Job, *servers: Server) -> Iterator[Sleep]:
    """Inside, wait with the sleep that is given: it raises as soon as one of the servers ended.

    What is raised inside is raised again with the remedy of a proof, after the last lines of the
    servers' logs went into the job's; of one that ended, of it alone.
    """

    def sleep(seconds: float) -> None:
        job.cancel.sleep(seconds)
        for server in _ended(servers):
            code = server.running.code if server.running else None
            what = f"{server.service.title} ended with code {code}"
            raise BootstrapError("E-PROOF-SERVER", what, where=server.name, remedy=REMEDY)

    try:
        yield sleep
    except Interrupted:
        raise
    except BootstrapError as error:
        blamed = _ended(servers) or servers
        for server in blamed:
            if server.running:
                for line in server.running.last_lines(LOG_LINES_KEPT // len(blamed)):
                    job.note(line)
        raise BootstrapError(error.code, error.what, where=error.where, remedy=REMEDY) from error


def _ended(servers: tuple[Server, ...]) -> tuple[Server, ...]:
    return tuple(s for s in servers if s.running and s.running.code is not None)

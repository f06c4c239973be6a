"""The servers do their work: what students write to them comes back, and what they hand in runs."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from bootstrap.checks.orchestration import prove_orchestration
from bootstrap.checks.tracking import prove_tracking
from bootstrap.core.step import Job
from bootstrap.core.writing import writing
from bootstrap.course.locate import compose_directory
from bootstrap.host.host import Host
from bootstrap.proof.servers import Server, watching
from bootstrap.proof.trial import Evidence, Trial
from bootstrap.proof.workplace import Workplace
from bootstrap.runtimes.runtime import POOL


class Tracking(Trial):
    """A run with metric, param and artifact, and a model version, through MLflow's API."""

    name = "tracking"
    title = "Run, artifact, model version"
    requires = frozenset({"mlflow"})

    def __init__(self, server: Server) -> None:
        self._server = server

    def prove(self, host: Host, job: Job) -> Evidence:
        with watching(job, self._server) as sleep:
            deadline = self._server.deadline
            prove_tracking(self._server.url, deadline_s=deadline, sleep=sleep)
        return Evidence("written and read")


class Models(Trial):
    """Models that the environment trains, logs, registers, loads and predicts with."""

    name = "models"
    title = "Trained models"
    requires = frozenset({"mlflow"})

    def __init__(self, place: Workplace, server: Server) -> None:
        self._place = place
        self._server = server

    def prove(self, host: Host, job: Job) -> Evidence:
        with watching(job, self._server):
            asked = {"experiment": "mlops-bootstrap-models"}
            told = self._place.ask("models", asked, "E-PROOF-MODELS", host, job)
        return Evidence(", ".join(told.values()), {"models": told})


class Orchestration(Trial):
    """A flow to Completed through Prefect's API, and a deployment that the worker runs."""

    name = "orchestration"
    title = "Flow and deployment"
    requires = frozenset({"worker"})

    def __init__(self, place: Workplace, server: Server, worker: Server) -> None:
        self._place = place
        self._servers = (server, worker)

    def prove(self, host: Host, job: Job) -> Evidence:
        server, worker = self._servers
        flows = self._place.folder / "flows"
        with writing(flows):
            flows.mkdir()
            shutil.copy(compose_directory() / "proof_flow.py", flows)
        with watching(job, server, worker) as sleep:
            prove_orchestration(
                server.url,
                pool=POOL,
                deadline_s=worker.deadline,
                flow_folder=str(flows),
                sleep=sleep,
            )
        return Evidence("a flow completed, the worker ran a deployment")


class Lessons(Trial):
    """The course's own file with what its lessons call, with the servers at hand."""

    name = "lessons"
    title = "Lessons"
    requires = frozenset({"tracking", "orchestration"})

    def __init__(self, place: Workplace, file: Path, servers: tuple[Server, ...]) -> None:
        self._place = place
        self._file = file
        self._servers = servers

    def prove(self, host: Host, job: Job) -> Evidence:
        with watching(job, *self._servers):
            self._place.run(self._file, (), "E-PROOF-LESSONS", host, job)
        digest = hashlib.sha256(self._file.read_bytes()).hexdigest()
        return Evidence(f"{self._file.name} ran", {"file": self._file.name, "sha256": digest})

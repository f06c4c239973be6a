"""The services as containers: started by Compose, waited for by us."""

from __future__ import annotations

from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Job, Observation, Step
from bootstrap.generation import Generation
from bootstrap.host.docker_view import Container, Reach
from bootstrap.host.host import Host, HostView
from bootstrap.runtimes.docker.schemas import check_schemas
from bootstrap.runtimes.docker.secrets import ensure_secrets
from bootstrap.runtimes.docker.stack import DATABASE, DIGEST_LABEL, Stack
from bootstrap.runtimes.waiting import late, unhealthy


class Services(Step[HostView, Host]):
    """A healthy container of the wanted digest for every service."""

    name = "services"
    title = "Services"
    resources = frozenset({"compose"})

    def __init__(self, stack: Stack, generation: Generation, requires: frozenset[str]) -> None:
        self.requires = requires
        self._stack = stack
        self._generation = generation

    def observe(self, view: HostView) -> Observation:
        wanted = f"{len(self._stack.services)} healthy"
        if view.engine.reach() is not Reach.ANSWERS:
            return Observation(False, "no engine yet", wanted)
        said = {c.service: self._complaint(c) for c in view.engine.containers(self._stack.project)}
        complaints = [
            f"{name} {said.get(name, 'absent')}"
            for name in self._stack.services
            if said.get(name, "absent")
        ]
        return Observation(not complaints, ", ".join(complaints) or wanted, wanted)

    def apply(self, host: Host, job: Job) -> None:
        stack = self._stack
        there = host.engine.containers(stack.project)
        if paused := [c.service for c in there if c.state == "paused"]:  # Compose leaves them so
            host.run(stack.command("unpause", *paused), job)
            for name in paused:
                self._wait(host, job, name)
        data = host.engine.volumes(stack.project)
        ensure_secrets(stack.secrets, data)
        if data:  # the database first: it may be one that these versions cannot serve
            self._up(host, job, DATABASE)
            self._wait(host, job, DATABASE)
            check_schemas(stack, self._generation, job.cancel)
        self._up(host, job)
        for name in stack.services:
            self._wait(host, job, name)
            job.note(f"{name} is healthy")

    def _up(self, host: Host, job: Job, *names: str) -> None:
        """Start the named services, or all."""
        stack = self._stack
        slowest = max(service.deadline for service in stack.services.values())
        arguments = ("up", "--detach", "--no-build", "--pull", "never", "--remove-orphans")
        # Compose waits for what others depend on, so it may take as long as those are given.
        up = stack.command(*arguments, *names, deadline=2 * slowest + 60)
        try:
            host.run(up, job)
        except BootstrapError as error:
            raise self._failed(host, job, error.what.splitlines()[-1], *names) from error

    def _complaint(self, container: Container) -> str:
        """What is not as wanted about a container, empty where all is."""
        if container.labels.get(DIGEST_LABEL) != self._stack.digests.get(container.service):
            return "of an earlier version"
        if container.state != "running":
            return container.state
        return container.health if container.health not in {"healthy", ""} else ""

    def _wait(self, host: Host, job: Job, name: str) -> None:
        """Until a service is healthy, within its own deadline."""
        deadline = self._stack.services[name].deadline
        if what := late(name, deadline, lambda: self._unhealthy(host, name), job):
            raise self._failed(host, job, what, name)

    def _unhealthy(self, host: Host, name: str) -> str:
        containers = host.engine.containers(self._stack.project)
        mine = next((c for c in containers if c.service == name), None)
        return self._complaint(mine) if mine else "absent"

    def _failed(self, host: Host, job: Job, what: str, *names: str) -> BootstrapError:
        """The error for services that do not come up, with the log of the first that is ill; of
        those that are named, if any is."""
        there = host.engine.containers(self._stack.project)
        asked = [c for c in there if not names or c.service in names]
        ill = [c for c in asked if self._complaint(c)]
        log = host.engine.log_tail(ill[0].id) if ill else ()
        name = ill[0].service if ill else ""
        return unhealthy(what, name, log, job, self._stack.project)

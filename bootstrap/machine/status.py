"""What `status` says: the machine as it is now, observed and never remembered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bootstrap.checks.answers import answers
from bootstrap.core.step import Observation
from bootstrap.generation.contents import Difference
from bootstrap.generation.installed import Installed, digest_of
from bootstrap.generation.links import Links
from bootstrap.host.docker_view import Container, Reach
from bootstrap.host.host import HostView
from bootstrap.machine.blueprint import Blueprint
from bootstrap.report.text import Service, Status

OBSERVED = ("engine", "environment", "repository")


def status_of(blueprint: Blueprint, view: HostView) -> Status:
    """Observe engine, environment, repository and every service, all at once."""
    steps = {step.name: step for step in blueprint.steps}
    links = Links(view.paths.environments)
    current, previous = links.current, links.previous
    with ThreadPoolExecutor() as pool:
        services = pool.submit(_services, blueprint, view)
        drift = pool.submit(_drift, current)
        seen: dict[str, Observation] = dict(
            zip(OBSERVED, pool.map(lambda n: steps[n].observe(view), OBSERVED), strict=True)
        )
    return Status(
        course=blueprint.loaded.course.name,
        lock_digest=blueprint.lock_digest,
        environment=str(blueprint.generation.prefix),
        environment_state=seen["environment"].found,
        engine=seen["engine"].found,
        repository=seen["repository"].found,
        services=services.result(),
        generation=digest_of(current) if current else "",
        previous=digest_of(previous) if previous else "",
        held=blueprint.selection.held,
        drift=drift.result(),
    )


def _drift(current: Path | None) -> tuple[Difference, ...]:
    """What differs in the environment in use; none where its marker does not say what is wanted."""
    installed = Installed.read(current) if current else None
    return installed.drift() if installed else ()


def _services(blueprint: Blueprint, view: HostView) -> tuple[Service, ...]:
    stack = blueprint.stack
    there: dict[str, Container] = {}
    if view.engine.reach() is Reach.ANSWERS:
        there = {c.service: c for c in view.engine.containers(stack.project)}

    def one(name: str) -> Service:
        url = stack.url(name) if name in stack.ports else ""
        container = there.get(name)
        if container is None:
            return Service(name, "absent", healthy=False, url=url)
        well = container.state == "running" and container.health in {"healthy", ""}
        path = stack.services[name].health
        if well and url and path:
            well = answers(url + path)
        return Service(name, container.health or container.state, healthy=well, url=url)

    with ThreadPoolExecutor() as pool:
        return tuple(pool.map(one, stack.services))

"""What `status` says: the machine as it is now, observed and never remembered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bootstrap.checks.answers import answers
from bootstrap.core.step import Observation
from bootstrap.generation.contents import Difference
from bootstrap.generation.installed import Installed, digest_of
from bootstrap.generation.links import Links
from bootstrap.host.host import HostView
from bootstrap.machine.blueprint import Blueprint
from bootstrap.report.text import Elsewhere, Service, Status
from bootstrap.runtimes.runtime import Runtime

OBSERVED = ("environment", "repository")

NO_ENGINE = "not applicable: native runtime"


def status_of(blueprint: Blueprint, view: HostView) -> Status:
    """Observe engine, environment, repository and every service of both runtimes, all at once."""
    steps = {step.name: step for step in blueprint.steps}
    links = Links(view.paths.environments)
    current, previous = links.current, links.previous
    with ThreadPoolExecutor() as pool:
        services = pool.submit(_services, blueprint, view)
        drift = pool.submit(_drift, current)
        elsewhere = pool.submit(_elsewhere, blueprint.other, view)
        engine = steps.get("engine")
        observed = (*OBSERVED, *((engine.name,) if engine else ()))
        seen: dict[str, Observation] = dict(
            zip(observed, pool.map(lambda n: steps[n].observe(view), observed), strict=True)
        )
    return Status(
        course=blueprint.loaded.course.name,
        lock_digest=blueprint.lock_digest,
        environment=str(blueprint.generation.prefix),
        environment_state=seen["environment"].found,
        engine=seen["engine"].found if engine else NO_ENGINE,
        repository=seen["repository"].found,
        services=services.result(),
        generation=digest_of(current) if current else "",
        previous=digest_of(previous) if previous else "",
        held=blueprint.selection.held,
        drift=drift.result(),
        runtime=blueprint.runtime.name,
        unheld=blueprint.generation.unheld,
        elsewhere=elsewhere.result(),
    )


def _drift(current: Path | None) -> tuple[Difference, ...]:
    """What differs in the environment in use; none where its marker does not say what is wanted."""
    installed = Installed.read(current) if current else None
    return installed.drift() if installed else ()


def _services(blueprint: Blueprint, view: HostView) -> tuple[Service, ...]:
    runtime = blueprint.runtime
    there = runtime.states(view)

    def one(name: str) -> Service:
        url = runtime.url(name) if name in runtime.ports else ""
        state = there.get(name)
        if state is None:
            return Service(name, "absent", healthy=False, url=url)
        well, path = state.well, runtime.services[name].health
        if well and url and path:
            well = answers(url + path)
        return Service(name, state.word, healthy=well, url=url)

    with ThreadPoolExecutor() as pool:
        return tuple(pool.map(one, runtime.services))


def _elsewhere(other: Runtime, view: HostView) -> Elsewhere | None:
    """What there is of the runtime that was not chosen, None for nothing."""
    running = tuple(name for name, state in other.states(view).items() if state.well)
    data = other.data(view)
    return Elsewhere(other.name, running, data) if running or data else None

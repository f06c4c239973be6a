"""What a plan demands of the machine, for preflight: only of the steps that will change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from bootstrap.core.plan import Plan
from bootstrap.host import apt
from bootstrap.host.docker_view import DEFAULT_SOCKET, EngineView, Reach
from bootstrap.host.facts import read_machine
from bootstrap.host.host import Host, HostView
from bootstrap.host.sudo import has_terminal
from bootstrap.machine.blueprint import Blueprint
from bootstrap.preflight import Needs

ENVIRONMENT_SHARE = 0.6
"""Of the disk a course asks for, what the environment and its cache take; images take the rest
(measured for mlops-zoomcamp: 2.4 GB beside 1.9 GB)."""

DATA_ROOT = Path("/var/lib/docker")
"""Where an engine that is not running yet will keep its images."""

REGISTRY_HOSTS: Mapping[str, str] = {"docker.io": "registry-1.docker.io"}
"""Docker Hub's registry is not at the name that its images have."""


def needs_of(
    plan: Plan[HostView, Host], blueprint: Blueprint, view: HostView, *, ask: bool
) -> Needs:
    """Everything that the changing steps of this plan need; ask: a password may be asked for."""
    course, changing = blueprint.loaded.course, plan.changing
    requirements = course.requirements
    engine = view.engine if view.engine.reach() is Reach.ANSWERS else None
    return Needs(
        machine=read_machine(),
        systems=dict(requirements.os),
        arches=tuple(requirements.arch),
        glibc=requirements.glibc,
        memory_bytes=int(requirements.memory),
        disk_at=dict(_disk(int(requirements.disk), changing, view, engine)),
        ports={
            name: (port, "--port")
            for name, port in blueprint.runtime.ports.items()
            if "services" in changing
        },
        own_ports=blueprint.runtime.own_ports(view) | blueprint.other.own_ports(view),
        published_by=engine.published_by if engine else None,
        hosts=tuple(_hosts(changing, blueprint)),
        environ=view.environ,
        root_commands=root_commands(plan, view),
        absent_packages=_absent_packages(blueprint, changing, view),
        ask_possible=ask and has_terminal(),
        writable=(view.paths.data, view.paths.cache, view.paths.state, view.paths.config),
        prefix=blueprint.generation.prefix,
    )


def _absent_packages(
    blueprint: Blueprint, changing: frozenset[str], view: HostView
) -> tuple[str, ...]:
    """Packages that nobody here may install: natively, nothing becomes root."""
    if view.is_root or blueprint.runtime.name == "docker" or "packages" not in changing:
        return ()
    return apt.missing(blueprint.loaded.course.packages)


def root_commands(plan: Plan[HostView, Host], view: HostView) -> tuple[str, ...]:
    """The command lines of a plan that will run as root."""
    steps = [step for step in plan.steps if step.name in plan.changing]
    return tuple(dict.fromkeys(line for step in steps for line in step.as_root(view)))


def _disk(
    total: int, changing: frozenset[str], view: HostView, engine: EngineView | None
) -> Iterator[tuple[str, tuple[Path, int]]]:
    environment = int(total * ENVIRONMENT_SHARE)
    if "environment" in changing:
        yield "the course environment", (view.paths.data, environment)
    local = engine.socket == Path(DEFAULT_SOCKET) if engine else view.engine_is_ours
    if "image-course" in changing and (local or engine):
        folder = engine.data_root() if engine else DATA_ROOT
        if folder.exists() or local:  # a remote engine has its disk elsewhere
            yield "images and services", (folder, total - environment)


def _hosts(changing: frozenset[str], blueprint: Blueprint) -> Iterator[tuple[str, str]]:
    """(step title, URL) of everything that has to be fetched."""
    if blueprint.source.base:
        if changing - {"services", "health", "shell", "image-course"}:
            yield "the source", blueprint.source.base
        return
    course = blueprint.loaded.course
    if "environment" in changing and blueprint.generation.conda:
        yield "Course environment", blueprint.generation.conda[0].url
    for binary in course.binaries:
        if binary.name in changing:
            yield binary.name, binary.url
    if "repository" in changing:
        yield "Course repository", course.repository.url
    for role, image in course.images.items():
        if f"image-{role}" in changing:
            host = REGISTRY_HOSTS.get(image.registry, image.registry)
            yield f"Image {role}", f"https://{host}/v2/"

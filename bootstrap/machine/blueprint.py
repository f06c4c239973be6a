"""A course on this machine: the steps it takes, wired together. Here steps and runtimes meet."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bootstrap.checks import orchestration, tracking
from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Step
from bootstrap.course.load import LoadedCourse, load_course
from bootstrap.course.locate import compose_directory, find_course
from bootstrap.course.model import SUBDIRS, Arch, Course
from bootstrap.generation import Generation
from bootstrap.generation.installed import DIGITS
from bootstrap.host.host import Host, HostView
from bootstrap.host.paths import Paths
from bootstrap.machine.selection import Selection
from bootstrap.runtimes.docker.course_image import CourseImage
from bootstrap.runtimes.docker.image import PinnedImage
from bootstrap.runtimes.docker.services import Services
from bootstrap.runtimes.docker.stack import (
    COMPOSE,
    Stack,
    check_fits,
    container_user,
    secrets_folder,
)
from bootstrap.sources.source import Source
from bootstrap.steps.binary import PinnedBinary
from bootstrap.steps.bytecode import Bytecode
from bootstrap.steps.engine import DockerEngine
from bootstrap.steps.environment import CourseEnvironment
from bootstrap.steps.health import Health, Proof
from bootstrap.steps.packages import Packages
from bootstrap.steps.repository import CourseRepository
from bootstrap.steps.shell import ShellSetup

POOL = "default"
"""The work pool of the worker that compose.yaml starts."""


@dataclass(frozen=True)
class Blueprint:
    """Everything that commands need to know of a course on this machine.

    lock_digest is that of the environment that the course's own locks describe; generation is that
    one, or the one that selection.held names.
    """

    loaded: LoadedCourse
    lock_digest: str
    selection: Selection
    source: Source
    generation: Generation
    stack: Stack
    steps: tuple[Step[HostView, Host], ...]


def draw(selection: Selection, view: HostView) -> Blueprint:
    """The blueprint of a selection on this machine. Reads files, asks nobody, changes nothing.

    Raises UsageError for a course that cannot be used, BootstrapError E-HELD-GONE.
    """
    loaded = load_course(find_course(selection.course, view.environ))
    check_fits(loaded)
    selection.check(loaded.course)
    source = Source.parse(selection.source)
    newest = Generation(loaded, this_arch(), view.paths)
    if selection.held == newest.digest:  # the course came back to it: nothing is held back
        selection = replace(selection, held="")
    generation = _held(selection.held, newest, view.paths) if selection.held else newest
    base, postgres, image = images_of(loaded.course, source, generation)
    stack = _stack(loaded, selection, view, image.local, postgres.local)
    steps = (
        Packages(loaded.course.packages),
        DockerEngine(),
        *(PinnedBinary(binary, this_arch(), source) for binary in loaded.course.binaries),
        CourseEnvironment(generation, source),
        Bytecode(generation),
        CourseRepository(loaded.course.repository, source, view.paths.home),
        ShellSetup(service_variables(stack)),
        base,
        postgres,
        image,
        Services(stack, generation, frozenset({COMPOSE, image.name, postgres.name, "repository"})),
        Health(_proofs(stack, view)),
    )
    return Blueprint(loaded, newest.digest, selection, source, generation, stack, steps)


def _held(digest: str, newest: Generation, paths: Paths) -> Generation:
    """The generation of the same course that is held; raises BootstrapError E-HELD-GONE."""
    prefix = newest.prefix.with_name(f"{newest.course}-{digest[:DIGITS]}")
    if not prefix.is_dir():
        raise BootstrapError(
            "E-HELD-GONE",
            f"the environment that `rollback` went back to, {prefix.name}, is gone",
            where=str(prefix),
            remedy="`mlops-bootstrap update` goes on to the environment of the course's locks",
        )
    return Generation.kept(prefix, this_arch(), paths)


def images_of(
    course: Course, source: Source, generation: Generation
) -> tuple[PinnedImage, PinnedImage, CourseImage]:
    """The images of a course: its base, PostgreSQL, and the one made from a generation."""
    base = PinnedImage("base", course.images["base"], source)
    postgres = PinnedImage("postgres", course.images["postgres"], source)
    return base, postgres, CourseImage(course.name, base, generation, compose_directory())


def this_arch() -> Arch:
    """This machine's architecture; on one that no course supports preflight says so, and what is
    only looked at until then is as good as any other."""
    machine = platform.machine()
    return machine if machine in SUBDIRS else "x86_64"


def service_variables(stack: Stack) -> dict[str, str]:
    """What clients on this machine find the services by."""
    known = {"mlflow": ("MLFLOW_TRACKING_URI", ""), "prefect": ("PREFECT_API_URL", "/api")}
    return {
        variable: stack.url(name) + path
        for name, (variable, path) in known.items()
        if name in stack.ports
    }


def _stack(
    loaded: LoadedCourse, selection: Selection, view: HostView, image: str, postgres: str
) -> Stack:
    course, paths = loaded.course, view.paths
    ports = {n: p for n in course.services if (p := selection.port(course, n)) is not None}
    uid, gid = container_user()
    secrets = secrets_folder(paths, course.name)
    variables = {
        "COURSE_IMAGE": image,
        "POSTGRES_IMAGE": postgres,
        "BIND": selection.bind,
        **{f"{name.upper()}_PORT": str(port) for name, port in ports.items()},
        "SECRETS_DIR": str(secrets),
        "REPOSITORY": str(course.repository.folder(paths.home)),
        "RUN_UID": str(uid),
        "RUN_GID": str(gid),
    }
    return Stack(
        project=course.name,
        directory=compose_directory(),
        compose=paths.bin / COMPOSE,
        secrets=secrets,
        services=course.services,
        ports=ports,
        variables=variables,
    )


def _proofs(stack: Stack, view: HostView) -> tuple[Proof, ...]:
    def since(service: str) -> Callable[[], datetime | None]:
        def started() -> datetime | None:
            at = view.engine.started(stack.project, service)
            return datetime.fromisoformat(at) if at else None

        return started

    proofs = []
    if "mlflow" in stack.ports:
        url, limit = stack.url("mlflow"), stack.services["mlflow"].deadline

        def track(sleep: Callable[[float], None]) -> object:
            return tracking.prove_tracking(url, deadline_s=limit, sleep=sleep)

        proofs.append(Proof("mlflow", track, partial(tracking.last_proof, url), since("mlflow")))
    if "prefect" in stack.ports:
        api, patience = stack.url("prefect"), stack.services["prefect"].deadline

        def run(sleep: Callable[[float], None]) -> object:
            prove = orchestration.prove_orchestration
            return prove(api, pool=POOL, deadline_s=patience, sleep=sleep)

        last = partial(orchestration.last_proof, api)
        proofs.append(Proof("prefect", run, last, since("worker")))
    return tuple(proofs)

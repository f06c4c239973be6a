"""A course on this machine: the steps it takes, wired together. Here steps and runtimes meet."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from bootstrap.core.errors import BootstrapError, UsageError
from bootstrap.core.step import Step
from bootstrap.course.load import LoadedCourse, load_course
from bootstrap.course.locate import compose_directory, find_course
from bootstrap.course.model import SUBDIRS, Arch, Course
from bootstrap.generation import Generation
from bootstrap.generation.installed import DIGITS
from bootstrap.host.host import Host, HostView
from bootstrap.host.paths import Paths
from bootstrap.machine.choice import Choice, choose
from bootstrap.machine.proofs import proofs
from bootstrap.machine.runtimes import Images, docker_runtime, native_runtime
from bootstrap.machine.selection import Selection
from bootstrap.runtimes.docker.course_image import CourseImage
from bootstrap.runtimes.docker.image import PinnedImage
from bootstrap.runtimes.docker.runtime import DockerRuntime
from bootstrap.runtimes.docker.services import Services
from bootstrap.runtimes.docker.stack import COMPOSE, check_fits
from bootstrap.runtimes.native import native_folder
from bootstrap.runtimes.other import OtherRuntime
from bootstrap.runtimes.runtime import Runtime
from bootstrap.sources.source import Source
from bootstrap.steps.binary import PinnedBinary
from bootstrap.steps.bytecode import Bytecode
from bootstrap.steps.engine import DockerEngine
from bootstrap.steps.environment import CourseEnvironment
from bootstrap.steps.health import Health
from bootstrap.steps.packages import Packages
from bootstrap.steps.repository import CourseRepository
from bootstrap.steps.shell import ShellSetup

if TYPE_CHECKING:
    from bootstrap.runtimes.native.runtime import NativeRuntime

Steps = tuple[Step[HostView, Host], ...]


@dataclass(frozen=True)
class Blueprint:
    """Everything that commands need to know of a course on this machine.

    lock_digest is that of the environment that the course's own locks describe; generation is that
    one, or the one that selection.held names. runtime is how the services are to run, choice says
    why, draw_other gives the way in which they are not to.
    """

    loaded: LoadedCourse
    lock_digest: str
    selection: Selection
    source: Source
    generation: Generation
    choice: Choice
    runtime: Runtime
    draw_other: Callable[[], Runtime]
    steps: Steps

    @cached_property
    def other(self) -> Runtime:
        """The way in which services are not to run, drawn when it is asked for."""
        return self.draw_other()

    @property
    def remembered(self) -> Selection:
        """The selection with the runtime that was chosen: an engine that comes or goes later moves
        no services by itself."""
        return replace(self.selection, runtime=self.choice.runtime)


def draw(selection: Selection, view: HostView) -> Blueprint:
    """The blueprint of a selection on this machine. Reads files and changes nothing; where the
    runtime is to be chosen, it looks whether there can be an engine.

    Raises UsageError for a course that cannot be used, BootstrapError E-HELD-GONE,
    RequirementError E-NO-PYTHON.
    """
    loaded = load_course(find_course(selection.course, view.environ))
    check_fits(loaded)
    selection.check(loaded.course)
    source = Source.parse(selection.source)
    newest = Generation(loaded, this_arch(), view.paths)
    if selection.python == "system":
        newest = newest.on_system(view.environ.get("PATH", os.defpath))
    if selection.held == newest.digest:  # the course came back to it: nothing is held back
        selection = replace(selection, held="")
    generation = _held(selection.held, newest, view.paths) if selection.held else newest
    choice = choose(selection.runtime, view)
    if generation.system and choice.runtime == "docker":
        raise UsageError(
            "E-PYTHON-SYSTEM",
            "an environment on this machine's own Python cannot be put into images",
            where=generation.system.program,
            remedy="use --runtime native with it, or --python locked",
        )
    course = loaded.course
    images = images_of(course, source, generation)
    docker = docker_runtime(course, selection, view, images)
    native = partial(native_runtime, course, selection, view, generation)
    common = _common(course, source, generation, view, choice.runtime)
    runtime: Runtime
    other: Callable[[], Runtime]
    if choice.runtime == "docker":
        runtime, other = docker, native
        steps = _in_docker(docker, native, images, view, generation)
    else:
        runtime, other = (processes := native()), lambda: docker
        steps = _natively(processes, docker, view)
    steps = (*common, ShellSetup(service_variables(runtime)), *steps, Health(proofs(runtime, view)))
    return Blueprint(
        loaded, newest.digest, selection, source, generation, choice, runtime, other, steps
    )


def _common(
    course: Course, source: Source, generation: Generation, view: HostView, runtime: str
) -> Steps:
    """What a machine gets in any case; an engine and Compose only where containers run."""
    docker = runtime == "docker"
    wanted = [b for b in course.binaries if docker or b.name != COMPOSE]
    return (
        Packages(course.packages, sudo=docker),
        *((DockerEngine(),) if docker else ()),
        *(PinnedBinary(binary, this_arch(), source) for binary in wanted),
        CourseEnvironment(generation, source),
        Bytecode(generation),
        CourseRepository(course.repository, source, view.paths.home),
    )


def _in_docker(
    runtime: DockerRuntime,
    native: Callable[[], Runtime],
    images: Images,
    view: HostView,
    generation: Generation,
) -> Steps:
    base, postgres, image = images
    needed = frozenset({COMPOSE, image.name, postgres.name, "repository"})
    was_native = native_folder(view.paths, generation.course).is_dir()
    stopping = _stopping(native(), view, needed) if was_native else ()
    needed |= {step.name for step in stopping}
    return (base, postgres, image, *stopping, Services(runtime.stack, generation, needed))


def _natively(runtime: NativeRuntime, other: Runtime, view: HostView) -> Steps:
    from bootstrap.runtimes.native.services import NativeServices

    needed = frozenset({"bytecode", "repository"})
    stopping = _stopping(other, view, needed)
    needed |= {step.name for step in stopping}
    return (*stopping, NativeServices(runtime.stack, needed))


def _stopping(other: Runtime, view: HostView, needed: frozenset[str]) -> Steps:
    """The step that stops the services of the other runtime, where some run."""
    try:
        runs = other.any_runs(view)
    except BootstrapError:  # an engine that ails: the step that needs it will say so
        runs = False
    return (OtherRuntime(other, needed),) if runs else ()


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


def images_of(course: Course, source: Source, generation: Generation) -> Images:
    """The images of a course: its base, PostgreSQL, and the one made from a generation."""
    base = PinnedImage("base", course.images["base"], source)
    postgres = PinnedImage("postgres", course.images["postgres"], source)
    return base, postgres, CourseImage(course.name, base, generation, compose_directory())


def this_arch() -> Arch:
    """This machine's architecture; on one that no course supports preflight says so, and what is
    only looked at until then is as good as any other."""
    machine = platform.machine()
    return machine if machine in SUBDIRS else "x86_64"


def service_variables(runtime: Runtime) -> dict[str, str]:
    """What clients on this machine find the services by."""
    known = {"mlflow": ("MLFLOW_TRACKING_URI", ""), "prefect": ("PREFECT_API_URL", "/api")}
    return {
        variable: runtime.url(name) + path
        for name, (variable, path) in known.items()
        if name in runtime.ports
    }

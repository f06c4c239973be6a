"""The services of a course on this machine, in Docker or as plain processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootstrap.course.locate import compose_directory
from bootstrap.course.model import Course
from bootstrap.generation import Generation
from bootstrap.host.host import HostView
from bootstrap.machine.selection import Selection
from bootstrap.runtimes.docker.course_image import CourseImage
from bootstrap.runtimes.docker.image import PinnedImage
from bootstrap.runtimes.docker.runtime import DockerRuntime
from bootstrap.runtimes.docker.stack import COMPOSE, Stack, container_user, secrets_folder
from bootstrap.runtimes.native import native_folder

if TYPE_CHECKING:
    from bootstrap.runtimes.native.runtime import NativeRuntime

Images = tuple[PinnedImage, PinnedImage, CourseImage]
"""The base, PostgreSQL, and the one made from a generation."""


def docker_runtime(
    course: Course, selection: Selection, view: HostView, images: Images
) -> DockerRuntime:
    """The services as containers of these images."""
    ports = _ports(course, selection)
    _, postgres, image = images
    paths = view.paths
    uid, gid = container_user()
    secrets = secrets_folder(paths, course.name)
    variables = {
        "COURSE_IMAGE": image.local,
        "POSTGRES_IMAGE": postgres.local,
        "BIND": selection.bind,
        **{f"{name.upper()}_PORT": str(port) for name, port in ports.items()},
        "SECRETS_DIR": str(secrets),
        "REPOSITORY": str(course.repository.folder(paths.home)),
        "RUN_UID": str(uid),
        "RUN_GID": str(gid),
    }
    stack = Stack(
        project=course.name,
        directory=compose_directory(),
        compose=paths.bin / COMPOSE,
        secrets=secrets,
        services=course.services,
        ports=ports,
        variables=variables,
    )
    return DockerRuntime(stack)


def native_runtime(
    course: Course, selection: Selection, view: HostView, generation: Generation
) -> NativeRuntime:
    """The services as processes of a generation."""
    # Imported here: where services are in Docker, and never were anything else, none of it is
    # needed.
    from bootstrap.runtimes.native.runtime import NativeRuntime
    from bootstrap.runtimes.native.stack import NativeStack

    stack = NativeStack(
        project=course.name,
        folder=native_folder(view.paths, course.name),
        scripts=compose_directory(),
        home=view.paths.home,
        generation=generation,
        services=course.services,
        ports=_ports(course, selection),
        bind=selection.bind,
    )
    return NativeRuntime(stack)


def _ports(course: Course, selection: Selection) -> dict[str, int]:
    return {n: p for n in course.services if (p := selection.port(course, n)) is not None}

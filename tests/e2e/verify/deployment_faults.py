"""Faults of deployment: an image that cannot be built, a server that cannot be started."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import docker

from tests.e2e.machine import Machine
from tests.e2e.verify.fault import Fault
from tests.e2e.verify.service_faults import PROJECT

SAVED = "kept-by-test:latest"


@contextlib.contextmanager
def engine_of(machine: Machine) -> Iterator[docker.DockerClient]:
    client = docker.DockerClient(base_url=machine.environ["DOCKER_HOST"], timeout=120)
    try:
        yield client
    finally:
        client.close()


def _course_tag(client: docker.DockerClient) -> str:
    """The name of the image that the services run from."""
    return str(client.containers.get(f"{PROJECT}-mlflow-1").attrs["Config"]["Image"])


def no_image(machine: Machine) -> Machine:
    with engine_of(machine) as client:
        tag = _course_tag(client)
        client.images.get(tag).tag(SAVED)
        client.images.remove(tag)
    return machine


def image_again(machine: Machine) -> None:
    with engine_of(machine) as client:
        client.images.get(SAVED).tag(_course_tag(client))
        client.images.remove(SAVED)


FAULTS = (
    Fault(
        "the course image was removed", no_image, image_again, failed=("deployment.image",),
    ),
)  # fmt: skip

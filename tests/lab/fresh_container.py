"""The container that a fresh machine is: what systemd and a nested engine need of the engine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import docker.errors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import docker
    from docker.models.containers import Container

CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
CA_VARIABLES = ["SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
# How this machine reaches the world, where a variable says so.
PASSED_ON = ["http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL", "UV_DEFAULT_INDEX"]
EXCHANGE = "/mnt/lab"
SYSTEMD = ("/sbin/init",)
# A shell, for it buries the children that are left to it, as PID 1 has to.
NO_SYSTEMD = ("/bin/bash", "-c", "while :; do sleep 3600; done")


def imported(client: docker.DockerClient, rootfs: Path) -> str:
    """Make the file system an image of the engine's, and return the image's name."""
    repository, tag = "lab-fresh-host", rootfs.parent.name
    try:
        client.images.get(f"{repository}:{tag}")
    except docker.errors.ImageNotFound:
        client.api.import_image_from_file(str(rootfs), repository=repository, tag=tag)
    return f"{repository}:{tag}"


def create(
    client: docker.DockerClient,
    image: str,
    name: str,
    volume: str,
    exchange: Path,
    init: Sequence[str] = SYSTEMD,
) -> Container:
    """Create the container with what systemd and a nested engine need, short of --privileged."""
    settings = client.api.create_host_config(
        binds=[
            f"{volume}:/var/lib/docker",
            f"{exchange}:{EXCHANGE}",
            f"{CA_BUNDLE}:{CA_BUNDLE}:ro",
        ],
        cap_add=["ALL"],
        cap_drop=["SYS_RESOURCE"],  # missing from the bounding set of some machines
        security_opt=["seccomp=unconfined", "apparmor=unconfined"],
        device_cgroup_rules=["a *:* rwm"],
        tmpfs={"/run": "exec", "/run/lock": "", "/tmp": "exec"},
    )
    settings["CgroupnsMode"] = "private"
    settings["MaskedPaths"] = []  # the two that --security-opt systempaths=unconfined stands for
    settings["ReadonlyPaths"] = []
    created: dict[str, str] = client.api.create_container(
        image,
        ["/usr/local/lib/lab/init.sh", *init],
        name=name,
        hostname=name,
        host_config=settings,
        environment={"container": "docker"},  # systemd asks this variable where it runs
    )
    return client.containers.get(created["Id"])


def environment() -> dict[str, str]:
    """Give the variables by which processes inside reach the world as those of this machine do."""
    found = dict.fromkeys(CA_VARIABLES, CA_BUNDLE)
    for name in (*PASSED_ON, *(name.upper() for name in PASSED_ON)):
        if name in os.environ:
            found[name] = os.environ[name]
    return found

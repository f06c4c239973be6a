"""A command in a container that runs."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence


def in_container(
    docker_host: str,
    container: str,
    argv: Sequence[str],
    *,
    user: str = "",
    workdir: str = "",
    variables: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run it to its end. By the docker command: docker-py loses the first output of a command whose
    engine answers too soon (docker/docker-py#425, #3332)."""
    options = [f"--env={name}={value}" for name, value in (variables or {}).items()]
    options += [f"--user={user}"] if user else []
    options += [f"--workdir={workdir}"] if workdir else []
    return subprocess.run(
        ["docker", "--host", docker_host, "exec", *options, container, *argv],
        capture_output=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip

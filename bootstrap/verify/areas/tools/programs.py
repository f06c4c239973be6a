"""Programs of the distribution that students call."""

from __future__ import annotations

from bootstrap.host import apt
from bootstrap.steps.engine import SPLIT_CLI
from bootstrap.verify.check import Check, Finding, failed, passed
from bootstrap.verify.subject import Subject


def _git(subject: Subject) -> Finding:
    if subject.view.which("git") is None:
        remedy = "sudo apt-get update && sudo apt-get install --yes git"
        return failed("not installed, or not on PATH", wanted="git", remedy=remedy)
    done = subject.query("git", "--version")
    if done.code != 0:
        remedy = "sudo apt-get install --yes --reinstall git"
        return failed(f"does not start: {done.last_lines}", wanted="git", remedy=remedy)
    return passed(done.output.strip().removeprefix("git version "))


def _docker(subject: Subject) -> Finding:
    wanted = "a docker command that reaches the engine"
    if subject.view.which("docker") is None:
        package = SPLIT_CLI if apt.offers(SPLIT_CLI) else "docker.io"
        remedy = f"sudo apt-get install --yes {package}"
        return failed("not installed, or not on PATH", wanted=wanted, remedy=remedy)
    shape = "{{.Client.Version}} {{.Server.Version}}"
    done = subject.query("docker", "version", "--format", shape, deadline=20.0)
    if done.code != 0:
        return failed(
            f"does not reach the engine: {done.last_lines}",
            wanted=wanted,
            remedy="docker context use default  # DOCKER_CONTEXT and DOCKER_HOST count too",
        )
    client, _, server = done.output.strip().splitlines()[-1].partition(" ")
    return passed(f"{client}, speaks with engine {server}")


CHECKS = (
    Check("tools.git", "git is there", _git),
    Check(
        "tools.docker-cli",
        "The docker command reaches the engine",
        _docker,
        requires=("tools.engine",),
        docker=True,
    ),
)

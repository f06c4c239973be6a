"""Faults of tools: what students' machines suffer from, each as it comes about."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docker
import yaml

from tests.e2e.machine import Machine
from tests.e2e.verify.fault import Fault

GUARD = "case $- in *i*) ;; *) return ;; esac\n"
"""How ~/.bashrc begins on Debian and Ubuntu."""

BOTH = ("docker", "native")


def aside(path: Path) -> Path:
    """Where a test keeps what it takes away."""
    return path.with_name(f"{path.name}.kept-by-test")


def keep(path: Path) -> None:
    """Keep a copy of a file, to put it back."""
    shutil.copy2(path, aside(path))


def put_back(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        aside(path).replace(path)


def bin_file(machine: Machine) -> Path:
    return machine.home / ".local/share/mlops-bootstrap/bin/docker-compose"


def plugin(machine: Machine) -> Path:
    return machine.home / ".docker/cli-plugins/docker-compose"


def bashrc(machine: Machine) -> Path:
    return machine.home / ".bashrc"


def selection(machine: Machine) -> Path:
    return machine.home / ".config/mlops-bootstrap/selection.json"


def dead_engine(machine: Machine) -> Machine:
    return machine.with_variables(DOCKER_HOST=f"unix://{machine.home}/no-engine.sock")


def without(program: str) -> Callable[[Machine], Machine]:
    """A PATH on which all programs are but one."""

    def inject(machine: Machine) -> Machine:
        links = machine.home / f"without-{program}"
        links.mkdir()
        places = machine.environ["PATH"].split(os.pathsep)
        holding = [place for place in places if Path(place, program).exists()]
        for place in reversed(holding):
            for file in Path(place).iterdir():
                if file.name != program:
                    (links / file.name).unlink(missing_ok=True)
                    (links / file.name).symlink_to(file)
        path = dict.fromkeys(str(links) if place in holding else place for place in places)
        return machine.with_variables(PATH=os.pathsep.join(path))

    return inject


def with_it_again(program: str) -> Callable[[Machine], None]:
    return lambda machine: shutil.rmtree(machine.home / f"without-{program}")


def old_compose(machine: Machine) -> Machine:
    """Compose v1 in ~/soft, put first by ~/.bashrc, as the course once said."""
    folder = machine.home / "soft"
    folder.mkdir()
    (folder / "docker-compose").write_text("#!/bin/sh\necho 1.29.2\n")
    (folder / "docker-compose").chmod(0o755)
    keep(bashrc(machine))
    with bashrc(machine).open("a") as file:
        file.write(f'export PATH="{folder}:$PATH"\n')
    return machine


def no_old_compose(machine: Machine) -> None:
    put_back(bashrc(machine))
    shutil.rmtree(machine.home / "soft")


def rewritten(
    file: Callable[[Machine], Path], change: Callable[[str], str]
) -> Callable[[Machine], Machine]:
    """Change the text of a file, whose mode stays; put_back() undoes it."""

    def inject(machine: Machine) -> Machine:
        path = file(machine)
        keep(path)
        path.write_text(change(path.read_text()))
        return machine

    return inject


def mended(file: Callable[[Machine], Path]) -> Callable[[Machine], None]:
    return lambda machine: put_back(file(machine))


def other_version(machine: Machine) -> Machine:
    bin_file(machine).rename(aside(bin_file(machine)))
    bin_file(machine).write_text("#!/bin/sh\necho 2.20.0\n")
    bin_file(machine).chmod(0o755)
    return machine


def damaged(machine: Machine) -> Machine:
    bin_file(machine).rename(aside(bin_file(machine)))
    bin_file(machine).write_bytes(aside(bin_file(machine)).read_bytes()[:1000])
    bin_file(machine).chmod(0o755)
    return machine


def no_plugin(machine: Machine) -> Machine:
    plugin(machine).rename(aside(plugin(machine)))
    return machine


def bash_profile(machine: Machine) -> Path:
    return machine.home / ".bash_profile"


def new_bash_profile(machine: Machine) -> Machine:
    bash_profile(machine).write_text("export LANG=C.UTF-8\n")
    return machine


def course_asks(**changes: Any) -> Callable[[Machine], Machine]:
    """The course of this machine, changed: what `PART__KEY` names."""

    def inject(machine: Machine) -> Machine:
        folder = machine.home / "changed-course"
        shutil.copytree(machine.course.parent, folder)
        course = yaml.safe_load(machine.course.read_text())
        for name, value in changes.items():
            part, _, key = name.partition("__")
            course[part][key] = value
        (folder / machine.course.name).write_text(yaml.safe_dump(course, sort_keys=False))
        keep(selection(machine))
        chosen = json.loads(selection(machine).read_text())
        chosen["course"] = str(folder / machine.course.name)
        selection(machine).write_text(json.dumps(chosen))
        return machine

    return inject


def course_as_it_was(machine: Machine) -> None:
    put_back(selection(machine))
    shutil.rmtree(machine.home / "changed-course")


def beside(machine: Machine, *command: str, **options: Any) -> None:
    """A container that counts as one of the course's services, called `beside`."""
    project = "com.docker.compose.project"
    with contextlib.closing(docker.DockerClient(machine.environ["DOCKER_HOST"])) as client:
        (base,) = client.images.list(name="mlops-bootstrap/base")
        labels = {project: "mlops-zoomcamp", "com.docker.compose.service": "beside"}
        container = client.containers.create(base, command, name="beside", labels=labels, **options)
        container.start()
        if "mem_limit" in options:
            container.wait(timeout=60)


def not_beside(machine: Machine) -> None:
    with contextlib.closing(docker.DockerClient(machine.environ["DOCKER_HOST"])) as client:
        client.containers.get("beside").remove(force=True)


def too_large(machine: Machine) -> Machine:
    beside(machine, "tail", "/dev/zero", mem_limit="32m", memswap_limit="32m")
    return machine


def published(machine: Machine) -> Machine:
    beside(machine, "sleep", "600", ports={"80/tcp": ("0.0.0.0", None)})
    return machine


FAULTS = (
    Fault(
        "the engine is gone",
        dead_engine,
        failed=("tools.engine",),
    ),
    Fault(
        "no docker command",
        without("docker"),
        with_it_again("docker"),
        failed=("tools.docker-cli",),
    ),
    Fault(
        "no git",
        without("git"),
        with_it_again("git"),
        failed=("tools.git",),
        runtimes=BOTH,
    ),
    Fault(
        "Compose v1 comes first",
        old_compose,
        no_old_compose,
        failed=("tools.compose-shadowed",),
    ),
    Fault(
        "the plugin is deleted",
        no_plugin,
        mended(plugin),
        failed=("tools.compose-plugin",),
    ),
    Fault(
        "docker-compose of another version",
        other_version,
        mended(bin_file),
        failed=("tools.compose",),
    ),
    Fault(
        "docker-compose is damaged",
        damaged,
        mended(bin_file),
        failed=("tools.compose",),
    ),
    Fault(
        "a ~/.bash_profile that was made later",
        new_bash_profile,
        lambda machine: bash_profile(machine).unlink(),
        failed=("tools.compose-path",),
    ),
    Fault(
        "our lines stand below the guard",
        rewritten(bashrc, lambda text: GUARD + text),
        mended(bashrc),
        warned=("tools.compose-path",),
        exit=0,
    ),
    Fault(
        "~/.bashrc ends the shell",
        rewritten(bashrc, lambda text: f"{text}exit\n"),
        mended(bashrc),
        failed=("tools.shells",),
    ),
    Fault(
        "the disk is too small",
        course_asks(requirements__disk="100000 TiB"),
        course_as_it_was,
        failed=("tools.disk",),
        exit=3,
        runtimes=BOTH,
    ),
    Fault(
        "memory is too small",
        course_asks(requirements__memory="100000 GiB"),
        course_as_it_was,
        failed=("tools.memory",),
        exit=3,
    ),
    Fault(
        "another system",
        course_asks(requirements__glibc=">=99"),
        course_as_it_was,
        failed=("tools.system",),
        exit=3,
    ),
    Fault(
        "a service ran out of memory",
        too_large,
        not_beside,
        warned=("tools.out-of-memory",),
        exit=0,
    ),
    Fault(
        "a port is open to all",
        published,
        not_beside,
        failed=("security.ports",),
    ),
)

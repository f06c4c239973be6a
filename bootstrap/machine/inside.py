"""Inside the course environment: the variables of a process that works in it."""

from __future__ import annotations

import os

from bootstrap.core.errors import BootstrapError
from bootstrap.host.host import HostView
from bootstrap.machine.blueprint import Blueprint, service_variables
from bootstrap.steps.shell import activate_file

FOREIGN = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_DEFAULT_ENV", "PIP_USER")
"""Variables by which another Python's modules would get in."""


def environment_inside(blueprint: Blueprint, view: HostView) -> dict[str, str]:
    """The environment variables for a command that runs in the course environment.

    Raises BootstrapError E-NOT-UP where the environment is not complete.
    """
    generation = blueprint.generation
    if not generation.is_complete():
        raise BootstrapError(
            "E-NOT-UP",
            "the course environment is not installed yet",
            where=str(generation.prefix),
            remedy="run `mlops-bootstrap up` first",
        )
    kept = {name: value for name, value in view.environ.items() if name not in FOREIGN}
    if kept.get("PYDANTIC_DISABLE_PLUGINS") == "1":  # cli/main.py set it, for this tool alone
        del kept["PYDANTIC_DISABLE_PLUGINS"]
    first = (generation.prefix / "bin", view.paths.bin)
    path = os.pathsep.join([*map(str, first), kept.get("PATH", os.defpath)])
    inside = {"PATH": path, "CONDA_PREFIX": str(generation.prefix)}
    return {**kept, **inside, **service_variables(blueprint.runtime)}


def shell_command(view: HostView) -> tuple[str, ...]:
    """The command that opens a shell which keeps the PATH it is given.

    Our activation file is read after the user's rc files, which may set PATH anew.
    """
    activate = activate_file(view.paths)
    shell = view.environ.get("SHELL") or "/bin/bash"
    if shell.endswith("/bash"):
        return (shell, "--rcfile", str(view.paths.data / "shell" / "rc.bash"))
    if shell.endswith("/zsh"):
        return (shell, "-c", f'. "{activate}"; exec {shell} -i')
    return (shell,)

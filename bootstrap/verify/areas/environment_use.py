"""How a student gets at the environment: its Python in a shell, its pip, its kernel."""

from __future__ import annotations

import shlex
from pathlib import Path

from bootstrap.core.listing import first_few
from bootstrap.steps.shell import activate_file
from bootstrap.verify.check import Check, Finding, failed, passed, skipped, warning
from bootstrap.verify.shadows import Shadow, below, on_path, top_level
from bootstrap.verify.students_bash import StudentsBash
from bootstrap.verify.subject import Subject

SHOWN = 3
RC_FILES = "~/.bashrc ~/.bash_profile ~/.profile"

ELSEWHERE = ("target", "prefix", "root", "user")
"""Settings of pip by which it installs somewhere else (pip install --help)."""


def _python(subject: Subject) -> Finding:
    wanted = f"{subject.prefix}/bin/python"
    activate = activate_file(subject.view.paths)
    if not activate.is_file():
        return failed(f"no {activate}", wanted=wanted, remedy="mlops-bootstrap up")
    bash = StudentsBash.ask(subject)
    if not bash.prefix or Path(bash.prefix).resolve() != subject.prefix.resolve():
        found = bash.program or f"`python` does not start: {bash.last_line}"
        return failed(found, wanted=wanted, remedy=_line_to_remove(bash))
    other = bash.variables.get("VIRTUAL_ENV")
    if other and Path(other).resolve() != subject.prefix.resolve():
        return warning(
            f"VIRTUAL_ENV is {other}: pipenv, poetry and uv install there",
            wanted="no other environment active",
            remedy=_remove("VIRTUAL_ENV"),
        )
    if conda := bash.variables.get("CONDA_DEFAULT_ENV"):
        return warning(
            f"conda's environment {conda} is active, too: `conda install` changes that one",
            wanted="no other environment active",
            remedy="conda config --set auto_activate_base false",
        )
    return passed(bash.program)


def _line_to_remove(bash: StudentsBash) -> str:
    """Where to look for what puts another Python first."""
    if "PYTHONHOME" in bash.variables:
        return _remove("PYTHONHOME")
    if bash.kind.startswith("python is /"):
        return _remove("PATH")
    return _remove("python")  # an alias or a function


def _remove(word: str) -> str:
    return f"grep -n {word} {RC_FILES}  # remove the line that says it, and open a new shell"


def _shadows(subject: Subject) -> Finding:
    names = top_level(subject.generation.site_packages)
    path = StudentsBash.ask(subject).path
    if found := on_path(path, subject.prefix, names):
        first = found[0]
        if first.folder.is_relative_to(subject.view.paths.home / ".local" / "lib"):
            remedy = f"{subject.prefix}/bin/python -m pip uninstall {first.name}"
        else:
            remedy = _remove("PYTHONPATH")
        wanted = f"{first.name} of {subject.prefix}"
        return failed(_told(found), wanted=wanted, remedy=remedy)
    if found := below(subject.view.paths.home, subject.repository, names):
        file = shlex.quote(str(found[0].file))
        wanted = "no file of yours with the name of a package"
        return warning(_told(found), wanted=wanted, remedy=f"mv {file} {_renamed(found[0])}")
    return passed(f"none of {len(names)} names is taken")


def _told(found: tuple[Shadow, ...]) -> str:
    return "; ".join(first_few((f"`import {one.name}` takes {one.file}" for one in found), SHOWN))


def _renamed(one: Shadow) -> str:
    """A name that hides nothing."""
    return shlex.quote(str(one.file.with_name(f"my_{one.file.name}")))


def _pip(subject: Subject) -> Finding:
    if not subject.generation.contents.has("pip"):
        return skipped("the course's environment has no pip")
    variables = StudentsBash.ask(subject).variables
    env = {name: value for name, value in variables.items() if name.startswith("PIP_")}
    done = subject.inside("python", "-I", "-m", "pip", "config", "list", env=env)
    settings = [line.strip() for line in done.output.splitlines() if "=" in line]
    for setting in settings:
        key, _, value = setting.partition("=")
        section, _, name = key.rpartition(".")
        if name in ELSEWHERE and value.strip("'").lower() not in {"false", "0", "no", "off", ""}:
            unset = f"{subject.prefix}/bin/python -m pip config unset {key}"
            return failed(
                f"pip is set to install elsewhere: {name} is {value}",
                wanted=f"`pip install` into {subject.prefix}",
                remedy=_remove(f"PIP_{name.upper()}") if section == ":env:" else unset,
            )
    return passed(
        f"{len(settings)} settings, none that leads elsewhere" if settings else "as it is"
    )


def _kernel(subject: Subject) -> Finding:
    if "ipykernel" not in subject.generation.contents.wheels:
        return skipped("the course's environment has no Jupyter kernel")
    told = subject.ask("kernels")
    own = subject.prefix / "bin"
    kernels = {
        name: (Path(kernel["folder"]), Path(kernel["program"]).parent.resolve() == own.resolve())
        for name, kernel in told["kernels"].items()
    }
    native = told["native"]
    folder, leads_here = kernels.get(native, (None, False))
    if folder and not leads_here:
        program = told["kernels"][native]["program"] or "a damaged kernel.json"
        return failed(
            f"the kernel {native} in {folder} starts {program}",
            wanted=f"{own}/python",
            remedy=f"rm -r {shlex.quote(str(folder))}",
        )
    if not any(here for _, here in kernels.values()):
        return failed(
            "no kernel leads to the environment",
            wanted=f"a kernel that starts {own}/python",
            remedy=f"{own}/python -m ipykernel install --sys-prefix",
        )
    return passed(", ".join(sorted(name for name, (_, here) in kernels.items() if here)))


CHECKS = (
    Check(
        "environment.python",
        "After activation, `python` in a new bash is that of the environment",
        _python,
        requires=("environment.installed", "tools.shells"),
    ),
    Check(
        "environment.shadows",
        "No file stands in front of a module that the lessons import",
        _shadows,
        requires=("environment.python",),
    ),
    Check(
        "environment.pip",
        "`pip install` installs into the environment",
        _pip,
        requires=("environment.python",),
    ),
    Check(
        "environment.kernel",
        "Notebooks run in the environment",
        _kernel,
        requires=("environment.modules",),
    ),
)

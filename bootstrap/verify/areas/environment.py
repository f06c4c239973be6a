"""The course environment: what is installed is what is locked, whole, and can be imported.

A module can break in many ways, and importing all of them takes far too long for every run. So the
quick checks prove what leads up to it, and what the lessons stand on by itself: every file is there
in its size, every module is found, numpy, pandas and pyarrow work together. `--deep` reads every
file, `--imports` imports every module.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable

from bootstrap.core.listing import first_few
from bootstrap.generation.contents import Difference
from bootstrap.generation.files import Damage, Recorded, changed, not_there, recorded
from bootstrap.generation.links import Links
from bootstrap.verify.areas import environment_use
from bootstrap.verify.check import Check, Extra, Finding, failed, passed, skipped, warning
from bootstrap.verify.reinstall import reinstall
from bootstrap.verify.subject import Subject

SHOWN = 5
UP = "mlops-bootstrap up"

MEMORY = ("numpy", "pandas", "pyarrow")
"""What hands around pointers: each has to be of versions that the others were compiled for."""


def _installed(subject: Subject) -> Finding:
    generation, prefix = subject.generation, subject.prefix
    wanted = f"{prefix.name}, complete and in use"
    if not generation.is_complete():
        found = "half installed" if prefix.exists() else "not installed"
        return failed(found, wanted=wanted, remedy=UP)
    links = Links(prefix.parent)
    if not links.lead_to(prefix):
        used = links.current
        found = f"{used.name} is in use" if used else "nothing leads to it"
        return failed(found, wanted=wanted, remedy=UP)
    return passed(prefix.name)


def _packages(subject: Subject) -> Finding:
    wanted = subject.generation.contents
    found = subject.found()
    if missing := found.missing(wanted):
        return failed(_listed(map(_said, missing)), wanted="what the locks name", remedy=UP)
    if added := found.added(wanted):
        said = _listed(f"{one.package} {one.found}" for one in added)
        return warning(
            f"added by hand: {said}",
            wanted="what the locks name, and nothing else",
            remedy=_without(added, subject),
        )
    own = subject.generation.system
    base = f"on this machine's own Python {own.version}" if own else f"{len(wanted.conda)} of conda"
    return passed(f"{len(wanted.wheels)} wheels, {base}")


def _said(one: Difference) -> str:
    if one.found:
        return f"{one.package} {one.found} instead of {one.wanted}"
    return f"{one.package} {one.wanted} is gone"


def _without(added: Collection[Difference], subject: Subject) -> str:
    """The command that takes added packages away; wheels first, conda's in another run."""
    if wheels := [one.package for one in added if one.kind == "wheel"]:
        return f"{subject.prefix}/bin/python -m pip uninstall {' '.join(wheels)}"
    return f"conda remove --prefix {subject.prefix} {' '.join(one.package for one in added)}"


def _recorded(subject: Subject) -> tuple[Recorded, ...]:
    generation = subject.generation
    return subject.once(
        "environment.recorded",
        lambda: recorded(subject.prefix, generation.site_packages, generation.contents),
    )


def _sizes(subject: Subject) -> Finding:
    files = _recorded(subject)
    if damages := list(not_there(files)):
        return _damaged(damages, subject)
    return passed(f"{len(files)} files")


def _files(subject: Subject) -> Finding:
    files = [file for file in _recorded(subject) if file.sha256]
    if damages := changed(files, subject.cancel.check):
        return _damaged(damages, subject)
    return passed(f"{len(files)} files, {sum(max(file.size, 0) for file in files) // 2**20} MiB")


def _damaged(damages: Collection[Damage], subject: Subject) -> Finding:
    lines = (f"{os.path.relpath(one.path, subject.prefix)} {one.what}" for one in damages)
    return failed(
        _listed(lines),
        wanted="each file as its package brought it",
        remedy=reinstall(damages, subject.prefix, subject.view.paths.cache),
    )


def _modules(subject: Subject) -> Finding:
    told = subject.ask("modules")
    if problems := told["problems"]:
        lines = (f"{module} {text}" for module, text in problems.items())
        return failed(_listed(lines), wanted=f"modules of {subject.prefix}", remedy=UP)
    return passed(f"{told['modules']} modules of {told['distributions']} packages")


def _imports(subject: Subject) -> Finding:
    at_once = len(os.sched_getaffinity(0))
    told = subject.ask("imports", {"at_once": at_once, "together": True})
    if problems := told["failed"]:
        said = "{} of {distribution}: {error}".format
        lines = (said(module, **problem) for module, problem in problems.items())
        return failed(_listed(lines), wanted="every module imported", remedy=UP)
    return passed(f"{len(told['imported'])} modules of {len(told['distributions'])} packages")


def _abi(subject: Subject) -> Finding:
    contents = subject.generation.contents
    there = [name for name in MEMORY if contents.has(name)]
    if "numpy" not in there:
        return skipped("the course's environment has no numpy")
    versions = subject.ask("abi", there)
    if wrong := [n for n in there if versions[n] != contents.wheels.get(n, versions[n])]:
        return failed(
            ", ".join(f"{name} says that it is {versions[name]}" for name in wrong),
            wanted=", ".join(f"{name} {contents.wheels[name]}" for name in wrong),
            remedy=UP,
        )
    return passed(", ".join(f"{name} {version}" for name, version in versions.items()))


def _listed(lines: Iterable[str]) -> str:
    return "; ".join(first_few(lines, SHOWN))


CHECKS = (
    Check("environment.installed", "The course environment is installed and in use", _installed),
    Check(
        "environment.packages",
        "Its packages are those of the locks",
        _packages,
        requires=("environment.installed",),
    ),
    Check(
        "environment.sizes",
        "Every file of every package is there, in its size",
        _sizes,
        requires=("environment.packages",),
    ),
    Check(
        "environment.modules",
        "Every module at the top of a package is found by the environment's Python",
        _modules,
        requires=("environment.sizes",),
    ),
    Check(
        "environment.abi",
        "numpy, pandas and pyarrow are imported and hand data to each other",
        _abi,
        requires=("environment.sizes",),
    ),
    Check(
        "environment.files",
        "Every file of every package has the sha256 that was recorded at its installation",
        _files,
        requires=("environment.packages",),
        extra=Extra.DEEP,
    ),
    Check(
        "environment.imports",
        "Every module at the top of a package is imported",
        _imports,
        requires=("environment.modules", "environment.abi"),
        extra=Extra.IMPORTS,
    ),
    *environment_use.CHECKS,
)

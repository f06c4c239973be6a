"""The wheels that answer a specification: resolved by uv for all platforms at once."""

from __future__ import annotations

import re
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError
from bootstrap.course.requirements import WheelPin, read_vias
from bootstrap.host import command
from bootstrap.host.command import Command
from bootstrap.locking import refusals
from bootstrap.locking.asked import WheelSpecification
from bootstrap.locking.platforms import WheelPlatform
from bootstrap.steps.uv_failures import explained
from bootstrap.steps.wheels import uv_binary, uv_environment

if TYPE_CHECKING:
    from packaging.pylock import Package, PackageWheel

DEADLINE = 900.0
"""Seconds for one resolution: 280 packages from a cold cache took 15 here."""

YANKED = re.compile(r"`([^`]+==[^`]+)` is yanked")

ENVIRONMENT = (
    "python_full_version == '{python}' and sys_platform == 'linux' and platform_machine == '{arch}'"
    " and implementation_name == 'cpython'"
)


@dataclass(frozen=True)
class LockedWheel:
    """One requirement of a lock, with what is known of it while it is made.

    pin holds the sha256 of every wheel that a platform of the lock can use; offered the sha256 of
    all files of the release; via the packages that ask for it, `-r FILE` being the specification;
    sizes in bytes of the wheel that is downloaded, by architecture.
    """

    pin: WheelPin
    offered: frozenset[str]
    via: tuple[str, ...]
    sizes: Mapping[str, int]


@dataclass(frozen=True)
class Resolver:
    """How uv is called: the environment of this process, its cache, and how to stop it."""

    environ: Mapping[str, str]
    cache: Path
    cancel: Cancel

    def __call__(self, folder: Path, *options: str) -> command.Result:
        """Run `uv pip compile` in a folder; a code other than 0 is not an error here."""
        argv = (
            uv_binary(), "pip", "compile", *options, "--universal", "--python", sys.executable,
            "--no-build", "--no-header", "--no-emit-index-url", "--no-progress",
            "--color", "never",
        )  # fmt: skip
        told = uv_environment(self.environ, self.cache)
        return command.run(Command(argv, told, cwd=folder, deadline=DEADLINE), self.cancel)


def resolve_wheels(
    specification: WheelSpecification,
    platforms: Sequence[WheelPlatform],
    resolver: Resolver,
    *,
    kept: str = "",
    update: Iterable[str] = (),
    exclude_newer: str = "",
) -> tuple[LockedWheel, ...]:
    """Resolve a specification for all platforms at once: one version of each package, if possible.

    kept is the text of a lock whose versions stay where they can, apart from those of the packages
    in update; exclude_newer a date (RFC 3339) after which nothing counts. Raises UsageError
    E-LOCK-NO-PACKAGE, E-LOCK-NO-WHEEL, E-LOCK-CONFLICT or E-LOCK-YANKED, what explained() gives
    for a network that fails, Interrupted.
    """
    with tempfile.TemporaryDirectory(prefix="mlops-bootstrap-lock-") as name:
        folder = Path(name)
        source = folder / specification.path.name
        source.write_text(specification.path.read_text("utf-8"))
        (folder / "pyproject.toml").write_text(_project(platforms))
        versions, files = folder / "versions.txt", folder / "pylock.toml"
        versions.write_text(kept)
        options = [source.name, "--python-version", platforms[0].python]
        upgrades = [f"--upgrade-package={one}" for one in update] if kept else ["--upgrade"]
        newer = [f"--exclude-newer={exclude_newer}"] if exclude_newer else []
        first = resolver(folder, *options, *upgrades, *newer, "-o", versions.name)
        _check(first, specification)
        constraints = folder / "constraints.txt"
        constraints.write_text(_versions_alone(versions.read_text()))
        pinned = [*options, *newer, "-c", constraints.name, "-o", files.name]
        # The index was just read, so uv's cache knows the files of each version; unless the index
        # forbids to keep what it says.
        second = resolver(folder, *pinned, "--offline")
        if second.code != 0:
            second = resolver(folder, *pinned)
        _check(second, specification)
        vias = read_vias(versions.read_text())
        return _locked(tomllib.loads(files.read_text()), vias, platforms, specification)


def _project(platforms: Sequence[WheelPlatform]) -> str:
    """The settings that uv takes from a project only: the environments of a universal lock."""
    environments = [ENVIRONMENT.format(python=one.python, arch=one.arch) for one in platforms]
    python = platforms[0].python
    return (
        f'[project]\nname = "lock"\nversion = "0"\nrequires-python = "=={python}"\n'
        f"[tool.uv]\nenvironments = {environments!r}\n"
    )


def _versions_alone(text: str) -> str:
    lines = (line.partition(" ;")[0].rstrip(" \\") for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if re.match(r"[A-Za-z0-9].*==", line))


def _check(result: command.Result, specification: WheelSpecification) -> None:
    asked, path = tuple(line for line, _ in specification.asked), str(specification.path)
    if withdrawn := YANKED.findall(result.output):
        raise refusals.yanked(set(withdrawn), asked, path)
    if result.code == 0:
        return
    if refusal := refusals.from_uv(result.output, asked, path):
        raise refusal
    raise explained(result.output, (), specification.path)


def _locked(
    lock: dict[str, object],
    vias: Mapping[str, tuple[str, ...]],
    platforms: Sequence[WheelPlatform],
    specification: WheelSpecification,
) -> tuple[LockedWheel, ...]:
    from packaging.pylock import Pylock, PylockValidationError

    try:
        packages = Pylock.from_dict(lock).packages
    except PylockValidationError as error:
        what = f"what uv resolved cannot be read: {error}"
        raise BootstrapError("E-WHEELS", what, where=str(specification.path)) from error
    made = [_one(package, vias, platforms, specification) for package in packages]
    return tuple(sorted(made, key=lambda one: (one.pin.name, one.pin.version)))


def _one(
    package: Package,
    vias: Mapping[str, tuple[str, ...]],
    platforms: Sequence[WheelPlatform],
    specification: WheelSpecification,
) -> LockedWheel:
    marker = package.marker
    here = [one for one in platforms if marker is None or marker.evaluate(one.markers)]
    wheels = [(wheel, wheel.filename) for wheel in package.wheels or ()]
    hashes: set[str] = set()
    sizes: dict[str, int] = {}
    for platform in here:
        ranked = {
            place: wheel for wheel, name in wheels if (place := platform.best(name)) is not None
        }
        if not ranked:
            said = f"{package.name}=={package.version} has none for {platform.arch}"
            asked = [line for line, _ in specification.asked]
            raise refusals.no_wheel(package.name, asked, said)
        hashes |= {_sha256(wheel) for wheel, name in wheels if platform.best(name) is not None}
        sizes[platform.arch] = ranked[min(ranked)].size or 0
    only = None if len(here) == len(platforms) else _only_on(here)
    pin = WheelPin(package.name, str(package.version), only, tuple(sorted(hashes)))
    offered = frozenset(_sha256(wheel) for wheel, _ in wheels)
    return LockedWheel(pin, offered, vias.get(package.name, ()), sizes)


def _sha256(wheel: PackageWheel) -> str:
    return wheel.hashes["sha256"]


def _only_on(platforms: Sequence[WheelPlatform]) -> str:
    return " or ".join(f"platform_machine == '{one.arch}'" for one in platforms)

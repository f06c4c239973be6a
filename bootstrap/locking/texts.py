"""The lock files as text: what is written, and nothing else decides how."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bootstrap.course.condalock import CondaPin
from bootstrap.locking.asked import CondaSpecification
from bootstrap.locking.wheels import LockedWheel

HEADER = "# Made by `mlops-bootstrap lock` from {specification}; do not edit.\n"


def conda_lock_text(
    specification: CondaSpecification, pins: Mapping[str, Iterable[CondaPin]]
) -> str:
    """Pins by platform in conda-lock's format (version 1), through conda-lock's own models."""
    from conda_lock.lockfile import write_conda_lock_file
    from conda_lock.lockfile.v1.models import Lockfile, LockMeta
    from conda_lock.lockfile.v2prelim.models import lockfile_v1_to_v2

    lock = Lockfile(
        package=[_entry(pin, platform) for platform, some in pins.items() for pin in some],
        metadata=LockMeta(
            content_hash=specification.content_hash(),
            channels=list(specification.parsed.channels),
            platforms=list(specification.platforms),
            sources=[specification.path.name],
        ),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "conda-lock.yml"
        write_conda_lock_file(lockfile_v1_to_v2(lock), path, None, include_help_text=False)
        head = HEADER.format(specification=specification.path.name)
        return f"{head}# `conda-lock install` takes it too.\n{path.read_text('utf-8')}"


def _entry(pin: CondaPin, platform: str) -> object:
    from conda_lock.lockfile.v1.models import HashModel, LockedDependency

    split = [dependency.partition(" ") for dependency in pin.dependencies]
    return LockedDependency(
        name=pin.name,
        version=pin.version,
        manager="conda",
        platform=platform,
        dependencies={name: version for name, _, version in split},
        url=pin.url,
        hash=HashModel(md5=pin.md5, sha256=pin.sha256),
        build=pin.build,
        category="main",
        optional=False,
    )


def requirements_text(wheels: Iterable[LockedWheel], specification: str) -> str:
    """Wheels as a requirements.txt with hashes, in the form that uv writes."""
    head = HEADER.format(specification=specification)
    return head + "".join(f"{line}\n" for wheel in wheels for line in _lines(wheel))


def _lines(wheel: LockedWheel) -> Iterator[str]:
    pin = wheel.pin
    marker = f" ; {pin.marker}" if pin.marker else ""
    hashes = [f"    --hash=sha256:{digest}" for digest in pin.hashes]
    yield " \\\n".join([f"{pin.name}=={pin.version}{marker}", *hashes])
    if len(wheel.via) == 1:
        yield f"    # via {wheel.via[0]}"
    elif wheel.via:
        yield "    # via"
        yield from (f"    #   {name}" for name in wheel.via)

"""The conda packages that answer a specification: solved by py-rattler, for each platform."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError, TransientError
from bootstrap.course.condalock import CondaPin
from bootstrap.locking import refusals
from bootstrap.locking.asked import CondaSpecification
from bootstrap.sources.source import Source
from bootstrap.steps.conda_record import repodata_record

if TYPE_CHECKING:
    from rattler import GenericVirtualPackage, RepoDataRecord

KERNEL = "5.10"
"""The Linux that packages may count on: what conda-lock assumes (default-virtual-packages.yaml)."""


@dataclass(frozen=True, slots=True)
class Channels:
    """Where repodata is read: the channel itself, from a source, or a snapshot in a folder."""

    source: Source
    snapshot: Path | None = None

    def address(self, channel: str) -> str:
        """The URL to read a channel's repodata at."""
        if self.snapshot is not None:
            return self.snapshot.resolve().as_uri()
        return self.source.url(_base(channel))


@dataclass(frozen=True)
class Solved:
    """The packages of one platform, and the size in bytes of their archives if it is known."""

    pins: tuple[CondaPin, ...]
    size: int | None


def solve_conda(
    specification: CondaSpecification,
    channels: Channels,
    glibc: str,
    cancel: Cancel,
    *,
    kept: Mapping[str, Iterable[CondaPin]] | None = None,
    exclude_newer: datetime | None = None,
) -> dict[str, Solved]:
    """Solve a specification for each of its platforms.

    glibc is the oldest C library that the packages must run on; kept are pins by platform that stay
    unless something else needs them changed. Raises UsageError E-LOCK-NO-PACKAGE, E-LOCK-CONFLICT
    or E-LOCK-UNPINNED (a package that the channel has no sha256 of), TransientError
    E-HOST-UNREACHABLE, Interrupted.
    """
    kept = kept or {}
    return asyncio.run(_all(specification, channels, glibc, cancel, kept, exclude_newer))


async def _all(
    specification: CondaSpecification,
    channels: Channels,
    glibc: str,
    cancel: Cancel,
    kept: Mapping[str, Iterable[CondaPin]],
    exclude_newer: datetime | None,
) -> dict[str, Solved]:
    jobs = {
        platform: asyncio.ensure_future(
            _one(specification, platform, channels, glibc, kept.get(platform, ()), exclude_newer)
        )
        for platform in specification.platforms
    }
    try:
        while any(not job.done() for job in jobs.values()):
            await asyncio.wait(jobs.values(), timeout=0.2)
            cancel.check()
        return {platform: await job for platform, job in jobs.items()}
    finally:
        for job in jobs.values():
            job.cancel()


async def _one(
    specification: CondaSpecification,
    platform: str,
    channels: Channels,
    glibc: str,
    kept: Iterable[CondaPin],
    exclude_newer: datetime | None,
) -> Solved:
    from rattler import Channel, Subdir, solve
    from rattler.exceptions import GatewayError, SolverError

    asked = specification.asked[platform]
    addresses = {channels.address(name): name for name in specification.channels}
    try:
        records = await solve(
            [Channel(address) for address in addresses],
            [line.text for line in asked],
            platforms=[Subdir(platform), Subdir("noarch")],
            virtual_packages=_virtual_packages(platform, glibc),
            locked_packages=[repodata_record(pin, pin.url) for pin in kept],
            exclude_newer=exclude_newer,
        )
    except SolverError as error:
        raise refusals.from_rattler(str(error), asked, platform, str(specification.path)) from error
    except GatewayError as error:
        raise _unreachable(str(error), channels) from error
    except Exception as error:  # a match spec that rattler cannot read is its own kind of error
        raise BootstrapError(
            "E-LOCK-SPECIFICATION", f"{specification.path.name}: {error}",
            where=str(specification.path), remedy="correct the match spec that is named",
        ) from error  # fmt: skip
    pins = tuple(_pin(record, _origin(record, addresses)) for record in records)
    sizes = [record.size for record in records]  # a pin that is kept brings none
    size = None if None in sizes else sum(filter(None, sizes))
    return Solved(tuple(sorted(pins, key=lambda pin: pin.name)), size)


def _pin(record: RepoDataRecord, origin: str) -> CondaPin:
    if record.sha256 is None or record.md5 is None:
        raise BootstrapError(
            "E-LOCK-UNPINNED",
            f"the channel has no {'sha256' if record.md5 else 'md5'} of {record.file_name}",
            where=f"{origin}/{record.subdir}/repodata.json: {record.file_name}",
            remedy="take the package from a channel whose index has both, or index it again",
        )
    filename = str(record.file_name)
    return CondaPin(
        name=record.name.normalized,
        version=str(record.version),
        build=str(record.build),
        url=f"{origin}/{record.subdir}/{filename}",
        sha256=record.sha256.hex(),
        md5=record.md5.hex(),
        subdir=record.subdir,
        filename=filename,
        dependencies=tuple(record.depends),
    )


def _origin(record: RepoDataRecord, addresses: Mapping[str, str]) -> str:
    """The channel's own URL, wherever its repodata was read; a pin that is kept has it already."""
    channel = record.url.rsplit("/", 2)[0]
    read_at = {address.rstrip("/"): name for address, name in addresses.items()}
    return _base(read_at[channel]) if channel in read_at else channel


def _base(channel: str) -> str:
    from rattler import Channel

    return Channel(channel).base_url.rstrip("/")


def _virtual_packages(platform: str, glibc: str) -> list[GenericVirtualPackage]:
    from rattler import GenericVirtualPackage, PackageName, Version
    from rattler.package import BuildString

    archs = {"linux-64": "x86_64", "linux-aarch64": "aarch64"}
    named = (
        ("__glibc", glibc, "0"),
        ("__linux", KERNEL, "0"),
        ("__unix", "0", "0"),
        ("__archspec", "1", archs.get(platform, "0")),
    )
    return [
        GenericVirtualPackage(PackageName(name), Version(version), BuildString(build))
        for name, version, build in named
    ]


def _unreachable(said: str, channels: Channels) -> BootstrapError:
    said = said.strip().replace("\nCaused by: ", ": ").replace("\n", " ")
    if channels.snapshot is not None:
        return BootstrapError(
            "E-LOCK-NO-PACKAGE",
            f"the snapshot holds no repodata that can be read: {said}",
            where=str(channels.snapshot),
            remedy="give the folder that holds SUBDIR/repodata.json",
        )
    return TransientError(
        "E-HOST-UNREACHABLE",
        f"the conda channel cannot be read: {said}",
        where=str(channels.source),
        remedy="check the network and the proxy, use a mirror (--source URL), or a snapshot of the"
        " channel's repodata (--repodata FOLDER)",
    )

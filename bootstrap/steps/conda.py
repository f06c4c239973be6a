"""The conda part of an environment: the lock's packages by py-rattler, in process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bootstrap.core.errors import BootstrapError, Interrupted
from bootstrap.core.step import Job
from bootstrap.core.writing import disk_full, writing
from bootstrap.course.condalock import CondaPin
from bootstrap.host.files import write_atomically
from bootstrap.sources.source import Source
from bootstrap.steps.archives import fetch_archives
from bootstrap.steps.conda_cache import archives_of
from bootstrap.steps.conda_record import repodata_record

if TYPE_CHECKING:
    from rattler.package_cache import PackageCache
    from rattler.repo_data import RepoDataRecord

LINKING_GRACE = 30.0
"""Seconds that linking may go on when the run is cancelled: it ends by itself in one or two, in
more than ten on a busy disk. rattler's threads are loud, or abort the process, when the interpreter
ends under them."""

REFUSED = re.compile(r"failed to fetch (\S+)")
NO_ROOM = ("no space left", "os error 28", "quota exceeded", "os error 122")


class _Unusable(Exception):  # noqa: N818 - internal: one archive is needed after all
    """rattler needs an archive of which the cache seemed to hold the content."""

    def __init__(self, filename: str) -> None:
        super().__init__(filename)
        self.filename = filename


def install_conda(
    pins: Sequence[CondaPin],
    prefix: Path,
    cache: Path,
    source: Source,
    job: Job,
    *,
    placed: Path | None = None,
    platform: str | None = None,
) -> None:
    """Bring these packages into the prefix; what is there already stays, also what somebody added.

    placed is where the prefix will be when it is used, where that is another place; platform
    (linux-64) is whose packages they are, where they are not this machine's.

    rattler never touches the network: archives are fetched by us, resumed and checked against
    their sha256 before anything opens them (rattler itself reports a damaged one as an error of
    zstd, and checks no archive that is a file). What its cache holds is checked file by file before
    it is linked, since environments share those files by hardlink; what was changed there is
    fetched again. Raises what fetch() raises, and BootstrapError E-CONDA-INSTALL or E-DISK-FULL.
    """
    archives = archives_of(cache)
    with writing(cache):
        cache.mkdir(parents=True, exist_ok=True)
        _sweep(cache, prefix)
    wanted = asyncio.run(_absent(pins, cache, archives))
    while True:
        fetch_archives([pin for pin in pins if pin.filename in wanted], archives, source, job)
        try:
            asyncio.run(_link(pins, prefix, cache, archives, job, placed, platform))
            break
        except _Unusable as unusable:
            if unusable.filename in wanted:
                raise _failed(f"rattler cannot use {unusable.filename}", prefix) from unusable
            job.note(f"{unusable.filename} was changed in the cache: fetching it again")
            wanted |= {unusable.filename}
    with writing(prefix):
        for pin in pins:
            _name_origin(prefix / "conda-meta" / f"{pin.name}-{pin.version}-{pin.build}.json", pin)
    shutil.rmtree(archives, ignore_errors=True)  # the cache holds their content


def _sweep(cache: Path, prefix: Path) -> None:
    """Remove what rattler was writing when it was killed; the run lock keeps others away.

    Metadata that was cut off would stop every later install into the prefix; without it the package
    counts as absent and is linked again.
    """
    for folder in cache.glob(".*"):
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
    for unfinished in (prefix / "conda-meta").glob("prefix_record_*"):
        unfinished.unlink()
    for metadata in (prefix / "conda-meta").glob("*.json"):
        try:
            json.loads(metadata.read_bytes())
        except ValueError:
            metadata.unlink()


def _cache(folder: Path) -> PackageCache:
    from rattler.package_cache import PackageCache, PackageCacheLayer, ValidationMode

    return PackageCache.from_layers(
        [PackageCacheLayer(folder).with_validation_mode(ValidationMode.full())]
    )


async def _absent(pins: Sequence[CondaPin], cache: Path, archives: Path) -> frozenset[str]:
    """File names of the packages that the cache does not hold with that sha256."""
    index = await _cache(cache).index()
    return frozenset(
        pin.filename for pin in pins if not index.contains_record(_record(pin, archives))
    )


async def _link(
    pins: Sequence[CondaPin],
    prefix: Path,
    cache: Path,
    archives: Path,
    job: Job,
    placed: Path | None,
    platform: str | None,
) -> None:
    import rattler

    job.cancel.check()
    work = asyncio.ensure_future(
        rattler.install(
            [_record(pin, archives) for pin in pins],
            target_prefix=prefix,
            alternative_target_prefix=placed,
            platform=rattler.Subdir(platform) if platform else None,
            reporter=_Reporter(job, len(pins)),
            package_cache=_cache(cache),
            ignored_packages=_added(pins, prefix),
            execute_link_scripts=False,  # a lock pins files; scripts could do anything
        )
    )
    try:
        while not work.done():
            await asyncio.wait({work}, timeout=0.2)
            job.cancel.check()
        await work
    except Interrupted:
        await asyncio.wait({work}, timeout=LINKING_GRACE)
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await work
        raise
    except Exception as error:
        raise _explained(error, pins, prefix, cache) from error


def _added(pins: Sequence[CondaPin], prefix: Path) -> set[str]:
    """Names of packages in the prefix that nobody pins: rattler would remove them."""
    there = {path.stem.rsplit("-", 2)[0] for path in (prefix / "conda-meta").glob("*-*-*.json")}
    return there - {pin.name for pin in pins}


def _record(pin: CondaPin, archives: Path) -> RepoDataRecord:
    """The record of a pin whose archive is in this folder, if it is needed at all."""
    return repodata_record(pin, (archives / pin.filename).absolute().as_uri())


def _name_origin(metadata: Path, pin: CondaPin) -> None:
    """Let conda-meta say where a package is from, not in which folder its archive was."""
    try:
        record = json.loads(metadata.read_bytes())
    except (OSError, ValueError) as error:
        raise _failed(f"the metadata of {pin.name} cannot be read: {error}", metadata) from error
    if record.get("url") != pin.url:
        record |= {"url": pin.url, "channel": pin.channel}
        write_atomically(metadata, json.dumps(record, indent=2).encode())


class _Reporter:
    """rattler's callbacks as progress of the step."""

    def __init__(self, job: Job, packages: int) -> None:
        self._job = job
        self._packages = packages
        self._linked = 0

    def __getattr__(self, name: str) -> Any:
        # rattler calls some twenty callbacks and wants a number from some of them.
        if not name.startswith("on_"):
            raise AttributeError(name)
        return lambda *_: 0

    def on_link_complete(self, _index: int) -> None:
        self._linked += 1
        self._job.progress("conda packages", self._linked, self._packages, "packages")


def _explained(error: Exception, pins: Sequence[CondaPin], prefix: Path, cache: Path) -> Exception:
    """rattler's error, which is text, as one of ours. Room comes first: it has many shapes."""
    said = " ".join(str(error).split())
    named = REFUSED.match(said)
    if any(sign in said.lower() for sign in NO_ROOM):
        return disk_full(str(cache if named else prefix))
    if named and "no such file" in said.lower() and named[1] in {pin.filename for pin in pins}:
        return _Unusable(named[1])
    return _failed(said, prefix)


def _failed(said: str, prefix: Path) -> BootstrapError:
    return BootstrapError(
        "E-CONDA-INSTALL",
        f"installing conda packages failed: {said}",
        where=str(prefix),
        remedy="check room and rights of the folder, then run `mlops-bootstrap up` again",
    )

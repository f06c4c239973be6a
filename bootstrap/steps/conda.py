"""The conda part of an environment: the lock's packages by py-rattler, in process."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bootstrap.core.errors import BootstrapError, TransientError
from bootstrap.core.retry import retrying
from bootstrap.core.step import Job
from bootstrap.course.condalock import CondaPin
from bootstrap.sources.source import Source

if TYPE_CHECKING:
    from rattler.networking import Client
    from rattler.repo_data import RepoDataRecord

STALL = 30.0
"""Seconds without any progress after which an install is cut off and tried again."""

MIRROR_REMEDY = "check the network and proxy, or use a mirror: --source URL"


def install_conda(
    pins: Sequence[CondaPin], prefix: Path, cache: Path, source: Source, job: Job
) -> None:
    """Bring exactly these packages into the prefix; what is there already stays.

    Archives are checked against their sha256 when they arrive, and what the cache holds is checked
    file by file before it is linked: environments share those files by hardlink. Raises
    BootstrapError E-DIGEST or E-CONDA-INSTALL, TransientError E-HOST-UNREACHABLE.
    """
    cache.mkdir(parents=True, exist_ok=True)
    for attempt in retrying(job):
        with attempt:
            asyncio.run(_install(pins, prefix, cache, source, job))


async def _install(
    pins: Sequence[CondaPin], prefix: Path, cache: Path, source: Source, job: Job
) -> None:
    import rattler
    from rattler.package_cache import PackageCache, PackageCacheLayer, ValidationMode

    layer = PackageCacheLayer(cache).with_validation_mode(ValidationMode.full())
    reporter = _Reporter(job, len(pins))
    work = asyncio.ensure_future(
        rattler.install(
            [_record(pin) for pin in pins],
            target_prefix=prefix,
            client=_client(source),
            reporter=reporter,
            package_cache=PackageCache.from_layers([layer]),
        )
    )
    try:
        while not work.done():
            await asyncio.wait({work}, timeout=0.2)
            job.cancel.check()
            if time.monotonic() - reporter.last_sign > STALL:
                raise TransientError(
                    "E-DOWNLOAD-CUT",
                    f"no byte came for {STALL:.0f} s",
                    where=str(source),
                    remedy=MIRROR_REMEDY,
                )
        await work
    except BootstrapError:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await work
        raise
    except Exception as error:
        raise _explained(error, pins, source) from error


def _client(source: Source) -> Client:
    from rattler.networking import Client, MirrorMiddleware

    if not source.base:
        return Client()
    upstream = "https://conda.anaconda.org"
    return Client([MirrorMiddleware({upstream: [source.url(upstream)]})])


def _record(pin: CondaPin) -> RepoDataRecord:
    from rattler.package import BuildString
    from rattler.repo_data import PackageRecord, RepoDataRecord

    number = pin.build.rpartition("_")[2]
    package = PackageRecord(
        name=pin.name,
        version=pin.version,
        build=BuildString(pin.build),
        build_number=int(number) if number.isdigit() else 0,
        subdir=pin.subdir,
        sha256=bytes.fromhex(pin.sha256),
        md5=bytes.fromhex(pin.md5) if pin.md5 else None,
        depends=list(pin.dependencies),
    )
    channel = pin.url.rsplit("/", 2)[0]
    return RepoDataRecord(package, file_name=pin.filename, url=pin.url, channel=channel)


class _Reporter:
    """rattler's callbacks as progress of the step: bytes while fetching, packages while linking."""

    def __init__(self, job: Job, packages: int) -> None:
        self._job = job
        self._packages = packages
        self._linked = 0
        self._bytes: dict[int, tuple[int, int]] = {}
        self._entries = 0
        self.last_sign = time.monotonic()

    def __getattr__(self, name: str) -> Any:
        # rattler calls some twenty callbacks; those that nobody waits for count as a sign of life.
        if not name.startswith("on_"):
            raise AttributeError(name)
        return self._sign

    def _sign(self, *_: object) -> int:
        self.last_sign = time.monotonic()
        return 0

    def on_download_start(self, _entry: int) -> int:
        self._entries += 1
        return self._sign() or self._entries

    def on_download_progress(self, index: int, done: int, total: int | None) -> None:
        self._sign()
        self._bytes[index] = (done, total or 0)
        done, total = (sum(column) for column in zip(*self._bytes.values(), strict=True))
        self._job.progress("conda packages", done, total, "bytes")

    def on_link_complete(self, _index: int) -> None:
        self._sign()
        self._linked += 1
        self._job.progress("conda packages", self._linked, self._packages, "packages")


def _explained(error: Exception, pins: Sequence[CondaPin], source: Source) -> BootstrapError:
    """rattler's error, which is text, as one of ours; the archive it names is named."""
    said = " ".join(str(error).split())
    pin = next((pin for pin in pins if pin.filename in said or pin.name in said), None)
    where = source.url(pin.url) if pin else str(source)
    low = said.lower()
    if "hash" in low and ("mismatch" in low or "match" in low):
        pinned = f", pinned {pin.sha256}" if pin and pin.sha256 not in said else ""
        return BootstrapError(
            "E-DIGEST",
            f"a conda package is not what was pinned: {said}{pinned}",
            where=where,
            remedy="do not use it: tell who runs the source, or update the pin if it is meant",
        )
    if "404" in low:
        return BootstrapError(
            "E-DOWNLOAD", f"the source has no such package: {said}", where=where,
            remedy=MIRROR_REMEDY,
        )  # fmt: skip
    if any(
        sign in low
        for sign in ("error sending request", "connect", "timed out", "status", "body", "eof")
    ):
        host = urlsplit(where).netloc.rpartition("@")[2]
        return TransientError(
            "E-HOST-UNREACHABLE", f"fetching conda packages from {host} failed: {said}",
            where=where, remedy=MIRROR_REMEDY,
        )  # fmt: skip
    return BootstrapError(
        "E-CONDA-INSTALL", f"installing conda packages failed: {said}", where=where,
        remedy="check room and rights of the folder, then run `mlops-bootstrap up` again",
    )  # fmt: skip

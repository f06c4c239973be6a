"""A file by URL and sha256: streamed, resumed, hashed before it is moved into place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bootstrap.core.errors import BootstrapError, TransientError
from bootstrap.core.retry import retrying
from bootstrap.core.step import Job
from bootstrap.core.writing import writing
from bootstrap.sources.abandon import abandonable
from bootstrap.sources.http import MIRROR_REMEDY, Stalls, get, refuse, requesting
from bootstrap.sources.source import without_credentials

if TYPE_CHECKING:
    from requests import Response

CHUNK = 1 << 18
PARTIAL_CONTENT, RANGE_NOT_SATISFIABLE = 206, 416

WORTH_IT = 1 << 16
"""Bytes that one round of tries must bring for another round to be worth it."""

Get = Callable[[str, dict[str, str]], "Response"]
"""Asks for a file with some headers. It may refuse by raising BootstrapError itself."""

OnBytes = Callable[[int, int], None]
"""Told how many bytes are there, and of how many (0: unknown)."""


def fetch(
    url: str,
    target: Path,
    sha256: str,
    job: Job,
    *,
    mode: int = 0o644,
    on_bytes: OnBytes | None = None,
    ask: Get = get,
) -> None:
    """Bring the file at url to target, with content that has this sha256.

    What an earlier try left behind is resumed where the server allows. ask is for servers that want
    more than a plain request. Raises BootstrapError E-DIGEST (naming both digests and the URL; the
    bytes are dropped, nothing is retried), E-DOWNLOAD where the server does not give the file,
    E-DISK-FULL or E-WRITE, and TransientError E-HOST-UNREACHABLE, E-DOWNLOAD or E-DOWNLOAD-CUT when
    every try failed; and what ask raises.
    """

    def tell(done: int, total: int) -> None:
        job.progress(target.name, done, total, "bytes")

    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{sha256[:12]}.part")
    was_there = _size(part) > 0
    stream = partial(_stream, url, part, job, on_bytes or tell, ask)
    found = _fetched(part, job, stream)
    if found != sha256 and was_there:
        # What was there may be from a write that a power cut spoilt: only a whole transfer accuses.
        job.note(f"{target.name}: the part that was there does not fit, starting over")
        part.unlink()
        found = _fetched(part, job, stream)
    if found != sha256:
        part.unlink()
        raise wrong_digest(target.name, url, wanted=sha256, found=found)
    with writing(target):
        part.chmod(mode)
        part.replace(target)


def wrong_digest(name: str, where: str, *, wanted: str, found: str) -> BootstrapError:
    """The one error for content that is not what was pinned."""
    return BootstrapError(
        "E-DIGEST",
        f"{name} is not what was pinned: sha256 {found}, pinned {wanted}",
        where=without_credentials(where),
        remedy="do not use it: tell who runs the source, or update the pin if the change is meant",
    )


def file_sha256(path: Path) -> str:
    """The sha256 of a file's content, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetched(part: Path, job: Job, stream: Callable[[], None]) -> str:
    """Transfer until all is in part, and give its sha256.

    Trying again counts from anew while bytes still come: a line that breaks every few megabytes
    also brings the file.
    """
    while True:
        before = _size(part)
        try:
            for attempt in retrying(job):
                with attempt:
                    abandonable(stream, job.cancel)
            return file_sha256(part)
        except TransientError:
            if _size(part) < before + WORTH_IT:
                raise


def _stream(url: str, part: Path, job: Job, on_bytes: OnBytes, ask: Get) -> None:
    have = _size(part)
    headers = {"Range": f"bytes={have}-"} if have else {}
    stalls = Stalls()
    with requesting(url, stalls), ask(url, headers) as response:
        if response.status_code == RANGE_NOT_SATISFIABLE and have:
            return  # all of it was here already, or nothing that fits: the digest tells
        refuse(response, url)
        resumed = response.status_code == PARTIAL_CONTENT
        if resumed and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            raise TransientError(
                "E-DOWNLOAD", "the server sent another part of the file than it was asked for",
                where=without_credentials(url), remedy=MIRROR_REMEDY,
            )  # fmt: skip
        length = int(response.headers.get("Content-Length", 0))
        done = have if resumed else 0
        total = done + length if length else 0
        stalls.begun = True
        done = _write(response, part, "ab" if resumed else "wb", job, (done, total, on_bytes))
        if done < total:
            raise TransientError(
                "E-DOWNLOAD-CUT", f"got {done} of {total} bytes",
                where=without_credentials(url), remedy=MIRROR_REMEDY,
            )  # fmt: skip


def _write(
    response: Response, part: Path, how: str, job: Job, progress: tuple[int, int, OnBytes]
) -> int:
    done, total, on_bytes = progress
    with writing(part):
        file = part.open(how, buffering=0)  # what is counted is in the file, whatever ends us
    with file:
        # read1 gives what has come; to wait for a full chunk loses what came before a cut.
        while chunk := response.raw.read1(CHUNK):
            job.cancel.check()
            with writing(part):
                left = memoryview(chunk)
                while left:
                    left = left[file.write(left) :]
            done += len(chunk)
            on_bytes(done, total)
    return done


def _size(part: Path) -> int:
    try:
        return part.stat().st_size
    except OSError:
        return 0

"""A file by URL and sha256: streamed, resumed, hashed while written, moved into place last."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bootstrap.core.errors import BootstrapError, TransientError
from bootstrap.core.retry import retrying
from bootstrap.core.step import Job

if TYPE_CHECKING:
    from requests import Response

CHUNK = 1 << 18
CONNECT_TIMEOUT = 10.0
STALL_TIMEOUT = 30.0
"""Seconds without one byte after which a download counts as stalled and is resumed."""

MIRROR_REMEDY = "check the network and proxy, or use a mirror: --source URL"
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})


def fetch(url: str, target: Path, sha256: str, job: Job, mode: int = 0o644) -> None:
    """Bring the file at url to target, with content that has this sha256.

    What an earlier try left behind is resumed where the server allows. Raises BootstrapError
    E-DIGEST (naming both digests and the URL; the bytes are dropped, nothing is retried),
    E-DOWNLOAD where the server has no such file, and TransientError E-HOST-UNREACHABLE or
    E-DOWNLOAD-CUT when every try failed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{sha256[:12]}.part")
    for attempt in retrying(job):
        with attempt:
            _stream(url, part, job)
    found = file_sha256(part)
    if found != sha256:
        part.unlink()
        raise wrong_digest(target.name, url, wanted=sha256, found=found)
    part.chmod(mode)
    part.replace(target)


def wrong_digest(name: str, where: str, *, wanted: str, found: str) -> BootstrapError:
    """The one error for content that is not what was pinned."""
    return BootstrapError(
        "E-DIGEST",
        f"{name} is not what was pinned: sha256 {found}, pinned {wanted}",
        where=where,
        remedy="do not use it: tell who runs the source, or update the pin if the change is meant",
    )


def file_sha256(path: Path) -> str:
    """The sha256 of a file's content, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stream(url: str, part: Path, job: Job) -> None:
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    with _requesting(url), _get(url, headers) as response:
        if response.status_code == 416:  # noqa: PLR2004 - all of it was here already
            return
        _refuse(response, url)
        resumed = response.status_code == 206  # noqa: PLR2004 - Partial Content
        done = have if resumed else 0
        length = int(response.headers.get("Content-Length", 0))
        total = done + length if length else 0
        with part.open("ab" if resumed else "wb") as file:
            for chunk in response.iter_content(CHUNK):
                job.cancel.check()
                file.write(chunk)
                done += len(chunk)
                job.progress(part.name.split(".")[1], done, total, "bytes")
        if total and done < total:
            raise TransientError("E-DOWNLOAD-CUT", f"got {done} of {total} bytes", where=url)


def _get(url: str, headers: dict[str, str]) -> Response:
    import requests

    # Content-Encoding would make the bytes on the wire differ from the bytes that are pinned.
    return requests.get(
        url,
        headers={"Accept-Encoding": "identity", **headers},
        stream=True,
        timeout=(CONNECT_TIMEOUT, STALL_TIMEOUT),
    )


def _refuse(response: Response, url: str) -> None:
    if response.status_code in BUSY:
        error = TransientError(
            "E-DOWNLOAD", f"the server said {response.status_code}", where=url, remedy=MIRROR_REMEDY
        )
        after = response.headers.get("Retry-After", "")
        error.retry_after = float(after) if after.isdigit() else None
        raise error
    if not response.ok:
        raise BootstrapError(
            "E-DOWNLOAD",
            f"the server said {response.status_code} {response.reason}",
            where=url,
            remedy=f"the file is not there: {MIRROR_REMEDY}",
        )


@contextlib.contextmanager
def _requesting(url: str) -> Iterator[None]:
    """Translate what requests raises: every one of these can be mended by trying again."""
    from requests.exceptions import ConnectionError as NoConnection
    from requests.exceptions import RequestException

    host = urlsplit(url).netloc.rpartition("@")[2]
    try:
        yield
    except NoConnection as error:
        raise TransientError(
            "E-HOST-UNREACHABLE", f"cannot reach {host}", where=url, remedy=MIRROR_REMEDY
        ) from error
    except RequestException as error:
        kind = type(error).__name__
        raise TransientError(
            "E-DOWNLOAD-CUT",
            f"the download from {host} broke off ({kind})",
            where=url,
            remedy=MIRROR_REMEDY,
        ) from error
    except OSError as error:
        raise BootstrapError(
            "E-WRITE",
            f"cannot write: {error.strerror}",
            where=str(error.filename or ""),
            remedy="make room or check the rights of the folder, then run `up` again",
        ) from error

"""One HTTP request for a file, and what can go wrong with it in words of ours."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from bootstrap.core.errors import BootstrapError, TransientError
from bootstrap.sources.source import without_credentials

if TYPE_CHECKING:
    from requests import Response

CONNECT_TIMEOUT = 10.0
STALL_TIMEOUT = 30.0
"""Seconds without one byte after which a download counts as stalled and is resumed."""

MIRROR_REMEDY = "check the network and proxy, or use a mirror: --source URL"
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
NO_ACCESS = frozenset({401, 403, 407})


class Stalls:
    """Whether the answer has begun: before, a silent host is not reached; after, it stalls."""

    def __init__(self) -> None:
        self.begun = False


def get(url: str, headers: dict[str, str]) -> Response:
    """Ask for a file; its bytes are read by the caller. Proxies come from the environment."""
    import requests

    # Content-Encoding would make the bytes on the wire differ from the bytes that are pinned.
    return requests.get(
        url,
        headers={"Accept-Encoding": "identity", **headers},
        stream=True,
        timeout=(CONNECT_TIMEOUT, STALL_TIMEOUT),
    )


def refuse(response: Response, url: str) -> None:
    """Raise for an answer that is not the file; TransientError where the server is only busy."""
    status, where = response.status_code, without_credentials(url)
    if response.ok:
        return
    said = f"the server said {status} {response.reason}".rstrip()
    if status in BUSY:
        error = TransientError("E-DOWNLOAD", said, where=where, remedy=MIRROR_REMEDY)
        error.retry_after = retry_after(response)
        raise error
    why = "access is not allowed" if status in NO_ACCESS else "the file is not there"
    raise BootstrapError("E-DOWNLOAD", said, where=where, remedy=f"{why}: {MIRROR_REMEDY}")


def retry_after(response: Response) -> float | None:
    """The seconds of a Retry-After header, which has seconds or a date (RFC 9110, 10.2.3)."""
    after = response.headers.get("Retry-After", "")
    if after.isdigit():
        return float(after)
    try:
        return max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
    except ValueError:
        return None


@contextmanager
def requesting(url: str, stalls: Stalls, remedy: str = MIRROR_REMEDY) -> Iterator[None]:
    """Translate what requests raises; most of these can be mended by trying again.

    remedy is for a host that cannot be reached, or sends something else than it should.
    """
    from requests import exceptions as raised
    from urllib3.exceptions import HTTPError

    where = without_credentials(url)
    host = where.partition("://")[2].partition("/")[0]
    try:
        yield
    except (raised.InvalidURL, raised.InvalidSchema, raised.MissingSchema) as error:
        raise BootstrapError(
            "E-DOWNLOAD", "this is no address of a file", where=where, remedy="correct the address"
        ) from error
    except raised.TooManyRedirects as error:
        raise BootstrapError(
            "E-DOWNLOAD", f"{host} sends us in circles", where=where, remedy=remedy
        ) from error
    except raised.SSLError as error:
        raise BootstrapError(
            "E-HOST-UNREACHABLE", f"no trust in {host}: {_reason(error)}", where=where,
            remedy="check the clock, and REQUESTS_CA_BUNDLE behind a proxy that opens TLS",
        ) from error  # fmt: skip
    except raised.ProxyError as error:
        raise TransientError(
            "E-HOST-UNREACHABLE", f"cannot reach {host} through the proxy: {_reason(error)}",
            where=where, remedy="check HTTP_PROXY, HTTPS_PROXY and NO_PROXY",
        ) from error  # fmt: skip
    except (raised.RequestException, HTTPError) as error:
        broken = _broken(error, host, where, begun=stalls.begun)
        broken.remedy = remedy
        raise broken from error


def _broken(error: Exception, host: str, where: str, *, begun: bool) -> TransientError:
    reason = _reason(error)
    if not begun:
        code, what = "E-HOST-UNREACHABLE", f"cannot reach {host}: {reason}"
    elif "timed out" in reason.lower():
        code, what = "E-DOWNLOAD-CUT", f"no byte came from {host} for {STALL_TIMEOUT:g} s"
    else:
        code, what = "E-DOWNLOAD-CUT", f"the download from {host} broke off: {reason}"
    return TransientError(code, what, where=where)


def _reason(error: BaseException) -> str:
    """The innermost reason: what requests and urllib3 wrap around it repeats the URL."""
    reason = error
    for _ in range(10):  # they wrap four deep
        inner = [getattr(reason, "reason", None), *reason.args]
        found = next((e for e in inner if isinstance(e, BaseException)), None)
        found = found or reason.__cause__ or reason.__context__
        if found is None:
            break
        reason = found
    if isinstance(reason, ssl.SSLCertVerificationError):
        return reason.verify_message
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return str(reason) or type(reason).__name__

"""What a registry answers when it does not do what it is asked, as one of our errors."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from bootstrap.core.errors import BootstrapError, TransientError
from bootstrap.registry.place import Place
from bootstrap.sources.http import BUSY, retry_after

if TYPE_CHECKING:
    from requests import Response

SAID_LIMIT = 300
DENIED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
REMEDIES: dict[int, str] = {
    HTTPStatus.NOT_FOUND: "check the name; some registries want a repository to be created first",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "the registry, or a proxy before it, takes no layer of this size: raise its limit"
    ),
    HTTPStatus.INSUFFICIENT_STORAGE: "make room in the registry, or raise the quota",
}
OTHER_REMEDY = "see what the registry says, and its log"


def refusal(response: Response, place: Place, what: str, *, logged_in: bool) -> BootstrapError:
    """The error for an answer that is not the wanted one.

    what names the thing asked for, such as a digest; logged_in says that the answer is to someone
    whose credentials were sent. TransientError where the registry is only busy.
    """
    status, where = response.status_code, f"{place}{what}"
    codes, said = _said(response)
    if status in DENIED:
        return denied(place, said, logged_in=logged_in, known=status == HTTPStatus.FORBIDDEN)
    if status in BUSY:
        error = TransientError(
            "E-REGISTRY", said, where=where, remedy="wait a while, then run the command again"
        )
        error.retry_after = retry_after(response)
        return error
    if "DIGEST_INVALID" in codes:
        return BootstrapError(
            "E-DIGEST", f"the registry received something else than was sent: {said}", where=where,
            remedy="a proxy, or the file while it was sent, was changed: run the command again",
        )  # fmt: skip
    if status == HTTPStatus.NOT_FOUND and not place.pushing:
        return missing(response, place, what)
    return BootstrapError(
        "E-REGISTRY", said, where=where, remedy=REMEDIES.get(status, OTHER_REMEDY)
    )


def missing(response: Response, place: Place, what: str) -> BootstrapError:
    """The error for an image, or a part of it, that the registry has not."""
    return BootstrapError(
        "E-IMAGE-MISSING", f"the registry does not have it: {_said(response)[1]}",
        where=f"{place}{what}", remedy="check the digest and the name of the image",
    )  # fmt: skip


def denied(place: Place, said: str, *, logged_in: bool, known: bool) -> BootstrapError:
    """The error for somebody who may not; known: the registry knows who that is."""
    login = f"`docker login {place.registry}`"
    if not logged_in:
        what, remedy = f"only who is logged in may {place.doing}", login
    elif known:
        what = f"this login may not {place.doing}"
        remedy = f"ask the owner of the repository, or {login} as somebody who may"
    else:
        what = f"the login that Docker keeps does not let us {place.doing}"
        remedy = f"{login} again, as somebody who may"
    return BootstrapError(
        "E-REGISTRY-DENIED", f"{what}: {said}", where=place.registry, remedy=remedy
    )


def _said(response: Response) -> tuple[frozenset[str], str]:
    """The registry's codes, and its words in one short line."""
    line = f"{response.status_code} {response.reason}".rstrip()
    try:
        errors = response.json()["errors"]
        codes = frozenset(str(error.get("code", "")) for error in errors)
        words = "; ".join(str(e.get("message") or e.get("code") or "") for e in errors)
    except (ValueError, KeyError, TypeError, AttributeError):
        return frozenset(), line  # a proxy's page, or nothing
    printable = "".join(c if c.isprintable() else " " for c in words)[:SAID_LIMIT]
    return codes, f"{line}: {printable}" if printable else line

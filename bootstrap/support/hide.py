"""What is private taken out of whatever a bundle holds, also where it is no plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from bootstrap.core.errors import BootstrapError
from bootstrap.host.host import HostView
from bootstrap.machine.selection import load_selection
from bootstrap.report.clean import ESCAPES
from bootstrap.report.redact import HIDDEN, NAMED, SHORTEST_PASSWORD, Redactor
from bootstrap.support.part import Scene

Hide = Callable[[str], str]


def hide_for(scene: Scene) -> Hide:
    """What takes out of a text the private things of this machine and user."""
    view = scene.view
    return hiding(known_secrets(view), Redactor.of(view, _kept(scene)).text)


def hiding(secrets: Iterable[str], then: Hide = str) -> Hide:
    """What takes these secrets out of a text, wherever they stand, and hands it on. Colours go
    first: one in the middle of a secret would keep it."""
    spelled = {form for secret in secrets for form in (secret, quote(secret, safe=""))}
    if not spelled:
        return then
    # The longest first: one may be a part of another.
    anyone = re.compile("|".join(map(re.escape, sorted(spelled, key=len, reverse=True))))
    return lambda text: then(anyone.sub(HIDDEN, ESCAPES.sub("", text)))


def hidden(value: Any, hide: Hide) -> Any:
    """A JSON value with every text in it hidden, keys too, and a text whose key says that it is
    secret. As values and not as a document: there a name such as José is spelled otherwise."""
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, Mapping):
        return {hide(str(key)): _under(str(key), inner, hide) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [hidden(inner, hide) for inner in value]
    return value


def _under(key: str, value: Any, hide: Hide) -> Any:
    secret = isinstance(value, str) and re.search(NAMED, key, re.IGNORECASE)
    return HIDDEN if secret else hidden(value, hide)


def known_secrets(view: HostView) -> set[str]:
    """The services' passwords, and who the remembered source wants to be asked as."""
    source = load_selection(view.paths.config, view.environ).source
    credentials = {part for part in _credentials(source) if len(part) >= SHORTEST_PASSWORD}
    return {*_passwords(view.paths.config / "secrets"), *credentials} - {""}


def _passwords(folder: Path) -> Iterator[str]:
    for file in folder.rglob("*.env"):
        try:
            lines = file.read_text(errors="replace").splitlines()
        except OSError:  # what we cannot read, nothing that we collect could
            continue
        yield from (line.partition("=")[2].strip().strip("\"'") for line in lines)


def _credentials(address: str) -> Iterator[str]:
    """User and password of an address, as they stand there and as they are."""
    try:
        parts = urlsplit(address)
    except ValueError:  # brackets that hold no address
        return
    for part in (parts.username, parts.password):
        if part:
            yield from (part, unquote(part))


def _kept(scene: Scene) -> Collection[str]:
    """The course's own names: they are no secret, and somebody may be called the same."""
    if isinstance(scene.drawn, BootstrapError):
        return ()
    course = scene.drawn.loaded.course
    return (course.name, course.repository.url)

"""A server as checks see it: it answers, reads its database, and is of the client's version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bootstrap.checks.api import Api, HttpError, Service
from bootstrap.core.errors import BootstrapError, Interrupted
from bootstrap.runtimes.runtime import State
from bootstrap.verify.check import Finding, failed, passed, warning
from bootstrap.verify.subject import Subject

QUICK_S = 5.0
"""Seconds for a server that runs to answer; one that is still starting is not what is wanted."""


@dataclass(frozen=True, slots=True)
class Server:
    """One server: the path that answers once it is up, the one that reads the database, and the one
    that tells the version, as text or JSON. Its client is the package of its name."""

    service: Service
    alive: str
    reads: str
    version: str


def answers(server: Server, subject: Subject) -> Finding:
    """Whether it answers and is of the same version as the client in the environment."""
    api = api_of(server.service, subject)
    try:
        api.send("GET", server.alive)
        found = _text(api.send("GET", server.version).text)
        _read(api, server.reads)
    except BootstrapError as error:
        return _silent(server, subject, error)
    clients = _clients(server.service.name, subject)
    title = server.service.title
    if not clients:
        return warning(
            f"{title} {found} answers; the environment has no client to compare it with",
            wanted=f"a client {found}",
            remedy="mlops-bootstrap up",
        )
    if found not in clients:
        return failed(
            f"the server is {title} {found}, the client {' and '.join(sorted(clients))}",
            wanted="the same version on both sides",
            remedy="mlops-bootstrap up",
        )
    return passed(f"{title} {found} at {api.url}, and its client")


def schema(server: Server, subject: Subject) -> Finding:
    """Whether its database has the schema of the version in the environment.

    Raises BootstrapError E-SCHEMA-NEWER.
    """
    runtime, name = subject.runtime, server.service.name
    wanted = runtime.schema(name)
    newest = wanted.newest(subject.generation)
    found = runtime.revisions(name, subject.cancel)
    if not found or not newest:
        what = (
            "the database does not tell its schema" if newest else "no migrations to compare with"
        )
        return warning(what, wanted="a schema that the client knows", remedy="mlops-bootstrap up")
    wanted.check(found, subject.generation)
    if found != newest:
        return failed(
            f"the database has schema {', '.join(sorted(found))}, of an older version",
            wanted=f"schema {', '.join(sorted(newest))}",
            remedy="mlops-bootstrap down --yes && mlops-bootstrap up",
        )
    return passed(f"schema {', '.join(sorted(found))}")


def api_of(service: Service, subject: Subject, deadline_s: float = QUICK_S) -> Api:
    """The API of a service that is published, to be asked within a deadline."""
    url = subject.runtime.url(service.name)
    return Api(service, url, deadline_s=deadline_s, sleep=subject.cancel.sleep)


def states(subject: Subject) -> Mapping[str, State]:
    """The services as their runtime sees them."""
    return subject.once("states", lambda: subject.runtime.states(subject.view))


def ill(subject: Subject, *names: str) -> str:
    """Which of these services are not well, and their state; empty where all are."""
    there = states(subject)
    words = {name: there[name].word for name in names if name in there and not there[name].well}
    words |= {name: "not started" for name in names if name not in there}
    return ", ".join(f"{name} is {word}" for name, word in words.items())


def _silent(server: Server, subject: Subject, error: BootstrapError) -> Finding:
    """Why a server does not answer, by the first that knows: its database, its runtime, itself.

    Raises BootstrapError E-SCHEMA-NEWER.
    """
    name = server.service.name
    _not_newer(name, subject)
    wrong = ill(subject, *(n for n in subject.runtime.services if n in {name, "postgres"}))
    return failed(
        f"{error.what} ({wrong or error.where})",
        wanted=f"{server.service.title} answers at {subject.runtime.url(name)}",
        remedy=f"mlops-bootstrap up || mlops-bootstrap logs {name}",
    )


def _not_newer(name: str, subject: Subject) -> None:
    """Raise E-SCHEMA-NEWER where that is why a server does not start."""
    try:
        found = subject.runtime.revisions(name, subject.cancel)
    except Interrupted:
        raise
    except BootstrapError:  # nor can the database be asked: that explains nothing
        return
    subject.runtime.schema(name).check(found, subject.generation)


def _read(api: Api, path: str) -> None:
    """Have the server read its database; that there is no such thing is an answer too."""
    try:
        api.send("GET", path)
    except HttpError as error:
        if error.status >= 500:  # noqa: PLR2004 - HTTP: the server's fault
            raise api.error("HTTP", f"it answers, its database does not: {error.what}") from error


def _text(answer: str) -> str:
    """A version as plain text, or as JSON."""
    text = answer.strip()
    return str(json.loads(text)) if text.startswith('"') else text


def _clients(package: str, subject: Subject) -> set[str]:
    """The versions of a package whose metadata are in the environment: one, if all is well."""
    return set(subject.found().wheels.get(package, ()))

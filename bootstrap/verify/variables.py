"""The variables by which a student's programs find the services, wherever they are set."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from bootstrap.machine.blueprint import service_variables
from bootstrap.steps.shell import activate_file, activation, rc_files
from bootstrap.verify.check import Finding, failed, passed
from bootstrap.verify.subject import Subject

PRINT = '. "$1" && env -0'


def points_here(name: str, subject: Subject) -> Finding:
    """Whether a variable leads to our service, after activation and in the shell that this runs in.

    In a shell where it is not set it does no harm: activation sets it.
    """
    wanted = service_variables(subject.runtime)[name]
    activate = activation(subject.view.paths)
    found = _activated(subject).get(name)
    if not _same(found, wanted):
        return failed(
            f"activation sets {name} to {_shown(found)}",
            wanted=wanted,
            remedy=f"mlops-bootstrap up && {activate}  # the latter in each open shell",
        )
    here = subject.view.environ.get(name)
    if here is not None and not _same(here, wanted):
        place = _set_in(name, subject)
        return failed(
            f"this shell has {name}={_shown(here)}{f', set in {place}' if place else ''}",
            wanted=wanted,
            remedy=f"{activate}{f'  # and take the line out of {place}' if place else ''}",
        )
    return passed(f"{name}={wanted}")


def _activated(subject: Subject) -> Mapping[str, str]:
    """The variables that a shell has after activation, nothing of this process's own among them."""
    return subject.once("activated", lambda: _after_activation(subject))


def _after_activation(subject: Subject) -> Mapping[str, str]:
    file = activate_file(subject.view.paths)
    clean = ("env", "-i", f"HOME={subject.view.paths.home}", f"PATH={os.defpath}")
    done = subject.query(*clean, "sh", "-c", PRINT, "sh", str(file))
    if done.code != 0:
        return {}
    pairs = (entry.partition("=") for entry in done.output.split("\0"))
    return {name: value for name, _, value in pairs}


def _same(found: str | None, wanted: str) -> bool:
    return found is not None and _plain(found) == _plain(wanted)


def _plain(url: str) -> str:
    """One spelling of an address on this machine."""
    return url.strip().rstrip("/").replace("//localhost:", "//127.0.0.1:", 1)


def _shown(value: str | None) -> str:
    """A value without the password that an address may carry."""
    if not value:
        return "nothing"
    host = urlsplit(value).netloc.rpartition("@")
    return value.replace(f"{host[0]}@", "", 1) if host[1] else value


def _set_in(name: str, subject: Subject) -> str:
    """The file and line that sets a variable in new shells, empty where none is found."""
    line = re.compile(rf"\s*(?:export\s+)?{name}=")
    for file in rc_files(subject.view):
        for number, text in enumerate(_lines(file), 1):
            if line.match(text):
                return f"{file}:{number}"
    return ""


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(errors="replace").splitlines()
    except OSError:
        return []

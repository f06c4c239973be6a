"""Docker Compose: the pinned one, as `docker-compose` and as `docker compose`, in every shell."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from bootstrap.course.model import Binary
from bootstrap.host.marked_block import BEGIN, END
from bootstrap.machine.blueprint import this_arch
from bootstrap.runtimes.docker.stack import COMPOSE
from bootstrap.sources.download import file_sha256
from bootstrap.verify.areas.tools.shells import REMOTE, Seen, seen
from bootstrap.verify.check import Check, Finding, failed, passed, warning
from bootstrap.verify.subject import Subject

PLUGIN_FOLDERS = (
    "/usr/local/lib/docker/cli-plugins", "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins", "/usr/libexec/docker/cli-plugins",
)  # fmt: skip
"""Where the docker command looks after the user's own folder (docs.docker.com/engine/cli/)."""


def _binary(subject: Subject) -> Binary:
    return next(binary for binary in subject.course.binaries if binary.name == COMPOSE)


def _ours(subject: Subject) -> Path:
    return subject.view.paths.bin / COMPOSE


def _installed(subject: Subject) -> Finding:
    pinned, file = _binary(subject), _ours(subject)
    if not file.is_file():
        said = f"there is no {file}"
    elif file_sha256(file) != pinned.sha256[this_arch()]:
        said = f"{file} is not the pinned file: another version, or damaged"
    elif not os.access(file, os.X_OK):
        said = f"{file} is not executable"
    else:
        return passed(f"{pinned.version}, whole")
    return failed(said, wanted=f"Docker Compose {pinned.version}", remedy="mlops-bootstrap up")


def _path(subject: Subject) -> Finding:
    return judged_path(seen(subject), _ours(subject))


def judged_path(shells: Sequence[Seen], ours: Path) -> Finding:
    """Whether our docker-compose is on PATH in these shells."""
    without = [found.shell for found in shells if not _holds(found, ours)]
    names = ", ".join(shell.name for shell in without)
    if not without:
        return passed(f"in {len(shells)} kinds of shell")
    wanted = f"{ours.parent} on PATH"
    if without == [REMOTE]:
        lines = f"/^{_text(BEGIN)}$/,/^{_text(END)}$/d"
        return warning(
            f"not on PATH in: {names}; our lines in ~/.bashrc stand below those that end it there",
            wanted=wanted,
            remedy=f"sed -i '{lines}' ~/.bashrc && mlops-bootstrap up",
        )
    return failed(f"not on PATH in: {names}", wanted=wanted, remedy="mlops-bootstrap up")


def _shadowed(subject: Subject) -> Finding:
    ours = _ours(subject)
    with_ours = [found for found in seen(subject) if _holds(found, ours)]
    return judged_shadow(with_ours, _binary(subject).version)


def judged_shadow(shells: Sequence[Seen], pinned: str) -> Finding:
    """Whether `docker-compose` is the pinned version in these shells, which have it on PATH."""
    other = [found for found in shells if found.compose != pinned]
    if not other:
        return passed(f"{pinned} in {len(shells)} kinds of shell")
    places = {_place(found): found for found in other}
    said = "; ".join(
        f"{found.compose or 'one that does not start'} ({place})" for place, found in places.items()
    )
    names = ", ".join(found.shell.name for found in other)
    return failed(
        f"{said} comes first in: {names}",
        wanted=f"docker-compose {pinned}",
        remedy=_aside(*next(iter(places.items()))),
    )


def _place(found: Seen) -> str:
    return str(found.places[0]) if found.kind == "file" else f"{found.kind} in your rc files"


def _aside(place: str, found: Seen) -> str:
    """How to get another docker-compose out of the way, so that it can be put back."""
    if found.kind != "file":
        return f"grep -n docker-compose ~/.bash* ~/.profile  # then delete the {found.kind}"
    root = "" if os.access(Path(place).parent, os.W_OK) else "sudo "
    return f"{root}mv {shlex.quote(place)} {shlex.quote(f'{place}.old')}"


def _plugin(subject: Subject) -> Finding:
    view = subject.view
    folders = (view.paths.docker_plugins, *map(Path, PLUGIN_FOLDERS))
    files = [folder / COMPOSE for folder in folders]
    return judged_plugin(seen(subject), _binary(subject).version, files)


def judged_plugin(shells: Sequence[Seen], pinned: str, files: Iterable[Path]) -> Finding:
    """Whether `docker compose` is the pinned version in these shells; files are where it may be."""
    other = [found for found in shells if found.plugin != pinned]
    if not other:
        return passed(f"{pinned} in {len(shells)} kinds of shell")
    version = other[0].plugin
    file = next((file for file in files if file.exists()), None)
    said = f"`docker compose` is {version}" if version else "there is no `docker compose`"
    where = f" ({file})" if version and file else ""
    return failed(
        f"{said}{where} in: {', '.join(found.shell.name for found in other)}",
        wanted=f"docker compose {pinned}",
        remedy="mlops-bootstrap up",
    )


def _holds(found: Seen, ours: Path) -> bool:
    """Whether a shell has our docker-compose on PATH, at whatever place."""
    return any(place.exists() and place.samefile(ours) for place in found.places)


def _text(mark: bytes) -> str:
    return mark.decode().strip()


CHECKS = (
    Check("tools.compose", "The pinned Docker Compose is installed", _installed, docker=True),
    Check(
        "tools.compose-path",
        "Every kind of shell has docker-compose on PATH",
        _path,
        requires=("tools.compose", "tools.shells"),
        docker=True,
    ),
    Check(
        "tools.compose-shadowed",
        "docker-compose is the pinned one in every kind of shell",
        _shadowed,
        requires=("tools.compose-path",),
        docker=True,
    ),
    Check(
        "tools.compose-plugin",
        "`docker compose` is the pinned one in every kind of shell",
        _plugin,
        requires=("tools.compose", "tools.shells", "tools.docker-cli"),
        docker=True,
    ),
)

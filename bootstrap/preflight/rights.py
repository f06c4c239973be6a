"""Root through sudo, folders that can be written, and a path that packages can live in."""

from __future__ import annotations

import os
import pwd
import shlex
from collections.abc import Iterator
from pathlib import Path

from bootstrap.host import sudo
from bootstrap.host.facts import existing_parent
from bootstrap.preflight.needs import Needs
from bootstrap.preflight.problem import Problem

LONGEST_PREFIX = 200
"""Bytes. conda packages hold 255 for the prefix (conda-build's placeholder); the folder of one
environment, with its digest, goes below the one we look at."""


def check(needs: Needs) -> tuple[Problem, ...]:
    """Find what we are not allowed to do. Writes nothing, asks nothing."""
    return (*_sudo(needs), *_packages(needs), *_folders(needs), *_prefix(needs))


def _sudo(needs: Needs) -> Iterator[Problem]:
    if not needs.root_commands:
        return
    state = sudo.available()
    error = sudo.refusal(state, needs.root_commands, ask_possible=needs.ask_possible)
    if error:
        yield Problem(error.code, error.what, error.where, error.remedy)


def _packages(needs: Needs) -> Iterator[Problem]:
    if needs.absent_packages:
        names = " ".join(needs.absent_packages)
        yield Problem(
            "E-PACKAGES",
            f"Debian packages are missing, and nothing runs as root here: {names}",
            where="dpkg",
            remedy=f"let an administrator run: apt-get install {names}",
        )


def _folders(needs: Needs) -> Iterator[Problem]:
    said: set[Path] = set()
    for folder in needs.writable:
        there = existing_parent(folder)
        why = "" if there in said else _not_writable(there)
        if why:
            said.add(there)
            yield Problem(
                "E-NOT-WRITABLE",
                f"cannot write {folder}: {why}",
                where=str(there),
                remedy=_remedy(there),
            )


def _not_writable(folder: Path) -> str:
    if not folder.is_dir():
        return f"{folder} is not a folder"
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return f"the filesystem of {folder} is read-only"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"{folder} belongs to {_owner(folder)}, mode {folder.stat().st_mode & 0o7777:04o}"
    return ""


def _remedy(folder: Path) -> str:
    if not folder.is_dir():
        return f"move it away: mv {shlex.quote(str(folder))} {shlex.quote(f'{folder}.old')}"
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return "find out why with `dmesg | tail`: a disk with errors is mounted read-only"
    if folder.is_relative_to(Path.home()):
        return f"make it yours: sudo chown -R {os.getuid()} {shlex.quote(str(folder))}"
    return "use a folder that is yours (HOME, XDG_DATA_HOME and the like say which are used)"


def _owner(folder: Path) -> str:
    uid = folder.stat().st_uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _prefix(needs: Needs) -> Iterator[Problem]:
    if needs.prefix is None:
        return
    text, size = str(needs.prefix), len(os.fsencode(needs.prefix))
    remedy = "set XDG_DATA_HOME to a short path of plain letters, such as /opt/course"
    if size > LONGEST_PREFIX:
        what = f"the path {text} is {size} bytes long; packages have room for {LONGEST_PREFIX}"
        yield Problem("E-PATH", what, where=text, remedy=remedy)
    if any(c.isspace() for c in text) or not text.isascii():
        what = f"the path {text} has spaces or letters that some programs of the packages mishandle"
        yield Problem("W-PATH", what, where=text, remedy=remedy, fatal=False)

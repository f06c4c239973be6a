"""The student's clone, asked by git without a trace."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

from bootstrap.core.errors import BootstrapError
from bootstrap.host.command import Result
from bootstrap.verify.subject import Subject

PATIENCE_S = 30.0
"""Seconds for one question: git reads every folder of a clone, on a slow disk too."""

RENAMED, CHANGED, UNMERGED = "2", "1", "u"
"""How git-status(1) begins the lines of its porcelain format, version 2."""

FIELDS_BEFORE_PATH = {CHANGED: 8, RENAMED: 9, UNMERGED: 10}


@dataclass(frozen=True, slots=True)
class Status:
    """What `git status` says. head is a commit or empty, branch is empty where none is checked out;
    upstream is the remote branch that it follows, where there is one, with the commits ahead and
    behind; changed, added and unmerged are tracked files by name."""

    head: str = ""
    branch: str = ""
    upstream: str = ""
    ahead: int = 0
    behind: int = 0
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    unmerged: tuple[str, ...] = ()


def git(subject: Subject, *arguments: str) -> Result:
    """Ask git about the clone. Nothing is written: not the index either, which `git status` would
    refresh, and no monitor of the file system is started."""
    folder = subject.repository
    # Named outright: a repository above the folder, or GIT_DIR of whoever started us, is another.
    at = ("-C", str(folder), f"--git-dir={folder / '.git'}", f"--work-tree={folder}")
    quiet = ("--no-optional-locks", "-c", "core.fsmonitor=false")
    return subject.query("git", *quiet, *at, *arguments, deadline=PATIENCE_S)


def pasted(subject: Subject) -> str:
    """`git -C FOLDER` for the clone, as a remedy begins."""
    return f"git -C {shlex.quote(str(subject.repository))}"


def told(subject: Subject, *arguments: str) -> str:
    """What git answers. Raises BootstrapError E-COMMAND-FAILED where it does not."""
    done = git(subject, *arguments)
    if done.code != 0:
        last = (done.output.strip().splitlines() or [f"ended with code {done.code}"])[-1]
        raise BootstrapError(
            "E-COMMAND-FAILED",
            f"`git {arguments[0]}`: {last}",
            where=str(subject.repository),
            remedy=f"{pasted(subject)} {arguments[0]}  # says more",
        )
    return done.output


def status(subject: Subject) -> Status:
    """The state of the clone; asked once a run. Raises BootstrapError E-COMMAND-FAILED."""
    ask = ("status", "--porcelain=v2", "--branch", "-z", "--untracked-files=no")
    return subject.once("git status", lambda: parsed(told(subject, *ask)))


def untracked(subject: Subject) -> tuple[str, ...]:
    """Files that the next `git add .` would take; asked once a run. Raises BootstrapError
    E-COMMAND-FAILED."""
    ask = ("ls-files", "-z", "--others", "--exclude-standard")
    return subject.once("git others", lambda: tuple(_names(told(subject, *ask))))


def tracked(subject: Subject) -> tuple[str, ...]:
    """Files of the index; asked once a run. Raises BootstrapError E-COMMAND-FAILED."""
    return subject.once(
        "git tracked", lambda: tuple(dict.fromkeys(_names(told(subject, "ls-files", "-z"))))
    )


def _names(text: str) -> Iterator[str]:
    return filter(None, text.split("\0"))


@dataclass
class _Lines:
    """What is gathered while the lines are read."""

    about: dict[str, str] = field(default_factory=dict)
    files: dict[str, list[str]] = field(
        default_factory=lambda: {"changed": [], "added": [], "unmerged": []}
    )


def parsed(text: str) -> Status:
    """The output of `git status --porcelain=v2 --branch -z`."""
    lines, words = _Lines(), iter(text.split("\0"))
    for line in words:
        kind, _, rest = line.partition(" ")
        if kind == "#":
            name, _, value = rest.partition(" ")
            lines.about[name] = value
        elif kind in FIELDS_BEFORE_PATH:
            path = line.split(" ", FIELDS_BEFORE_PATH[kind])[-1]
            added = kind == CHANGED and rest.startswith("A")
            name = "unmerged" if kind == UNMERGED else "added" if added else "changed"
            lines.files[name].append(path)
            if kind == RENAMED:
                next(words, "")  # the name that it had
    about = lines.about
    ahead, behind = about.get("branch.ab", "+0 -0").split()
    head, branch = about.get("branch.oid", ""), about.get("branch.head", "")
    return Status(
        head="" if head == "(initial)" else head,
        branch="" if branch == "(detached)" else branch,
        upstream=about.get("branch.upstream", "") if "branch.ab" in about else "",
        ahead=int(ahead),
        behind=-int(behind),
        **{name: tuple(files) for name, files in lines.files.items()},
    )

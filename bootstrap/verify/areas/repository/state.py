"""Where the clone stands: commit, branch, remote, and what is under way."""

from __future__ import annotations

import os
import pwd
import re
import shlex
from collections.abc import Iterator
from urllib.parse import urlsplit

from bootstrap.core.errors import BootstrapError
from bootstrap.sources.source import without_credentials
from bootstrap.verify.check import Check, Finding, failed, passed, skipped, warning
from bootstrap.verify.clone import git, pasted, status, told
from bootstrap.verify.subject import Subject

UNDER_WAY = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "BISECT_LOG": "a bisect",
}
"""What git leaves in its folder while something is not finished (gitrepository-layout(5))."""


def _cloned(subject: Subject) -> Finding:
    folder = subject.repository
    wanted = f"a clone in {folder}"
    inside = folder / ".git"
    if not inside.exists():
        found = "a folder that is no clone" if folder.exists() else f"there is no {folder}"
        return failed(found, wanted=wanted, remedy="mlops-bootstrap up")
    owner = inside.stat().st_uid
    if owner != os.geteuid():
        me = pwd.getpwuid(os.geteuid()).pw_name
        return failed(
            f"{folder} belongs to user {owner}: git refuses it",
            wanted=f"a clone that belongs to {me}",
            remedy=f"sudo chown -R {me}: {shlex.quote(str(folder))}",
        )
    try:
        status(subject)
    except BootstrapError as error:
        return failed(error.what, wanted=wanted, remedy=_mend(subject, error.what))
    return passed(str(folder))


def _mend(subject: Subject, said: str) -> str:
    """How to get a clone that git cannot read to work again, keeping every file."""
    folder = shlex.quote(str(subject.repository))
    if "index" in said:
        return f"mv {folder}/.git/index {folder}/.git/index.broken; {pasted(subject)} reset"
    return f"mv {folder} {folder}.broken && mlops-bootstrap up  # then copy your files over"


def _commit(subject: Subject) -> Finding:
    pinned, head = subject.course.repository.commit, status(subject).head
    if head == pinned:
        return passed(f"at {head[:10]}")
    if git(subject, "merge-base", "--is-ancestor", pinned, "HEAD").code == 0:
        ahead = git(subject, "rev-list", "--count", f"{pinned}..HEAD").output.strip()
        return passed(f"at {head[:10]}: {pinned[:10]} and {ahead} of your own")
    if git(subject, "cat-file", "-e", f"{pinned}^{{commit}}").code == 0:
        return warning(
            f"at {head[:10] or 'no commit'}, which does not hold {pinned[:10]}",
            wanted=f"a history with {pinned[:10]}",
            remedy=f"{pasted(subject)} merge {pinned[:10]}",
        )
    return failed(
        f"{pinned[:10]} is not in the clone",
        wanted=f"commit {pinned[:10]}",
        remedy="mlops-bootstrap up",
    )


def _branch(subject: Subject) -> Finding:
    branch = status(subject).branch
    if branch:
        return passed(f"on {branch}")
    return warning(
        "no branch is checked out: commits made now are lost with the next checkout",
        wanted="a branch of your own",
        remedy=f"{pasted(subject)} switch --create my-work",
    )


def _upstream(subject: Subject) -> Finding:
    now = status(subject)
    if not now.upstream:
        return skipped("the branch follows no branch of a remote")
    said = f"{now.ahead} ahead of {now.upstream} as last fetched, {now.behind} behind"
    if now.ahead and now.behind:
        return warning(
            said,
            wanted="one line of history: push and pull would be refused",
            remedy=f"{pasted(subject)} pull --no-rebase",
        )
    return passed(said)


def _under_way(subject: Subject) -> Finding:
    folder = subject.repository
    inside = folder / told(subject, "rev-parse", "--git-dir").strip()
    begun = {what for name, what in UNDER_WAY.items() if (inside / name).exists()}
    if begun or (unmerged := status(subject).unmerged):
        what = ", ".join(sorted(begun)) or f"conflicts in {', '.join(unmerged[:3])}"
        return warning(
            f"not finished: {what}",
            wanted="nothing half done",
            remedy=f"{pasted(subject)} status  # says how to go on, and how to go back",
        )
    if (inside / "index.lock").exists():
        return warning(
            "a git that was ended left a lock: every other is refused",
            wanted="no lock",
            remedy=f"rm {shlex.quote(str(inside / 'index.lock'))}  # where no git runs",
        )
    return passed("nothing")


def _remote(subject: Subject) -> Finding:
    said = git(subject, "config", "--get-regexp", r"^remote\..*\.url$").output
    remotes = {key.split(".", 1)[1][:-4]: url for key, url in _settings(said)}
    return judged_remotes(remotes, subject.course.repository.url, pasted(subject))


def judged_remotes(remotes: dict[str, str], course: str, git_here: str) -> Finding:
    """What to say of a clone's remotes, by name, for a course whose repository is at that URL;
    git_here begins the remedy."""
    wanted = f"a remote with {course}, or a fork of it"
    add = f"{git_here} remote add upstream {course}"
    host, path = place_of(course)
    for name, url in remotes.items():
        if place_of(url) == (host, path):
            return passed(f"{name} is the course's own")
    for name, url in remotes.items():
        where, fork = place_of(url)
        if where == host and fork.rpartition("/")[2] == path.rpartition("/")[2]:
            return passed(f"{name} is the fork {fork}; the course's own: {add}")
    if not remotes:
        return warning("no remote: nothing can be pulled or pushed", wanted=wanted, remedy=add)
    others = ", ".join(f"{name} {without_credentials(url)}" for name, url in remotes.items())
    return warning(f"not the course's: {others}", wanted=wanted, remedy=add)


def place_of(url: str) -> tuple[str, str]:
    """(host, OWNER/NAME) of a repository's address, the same for https and for ssh; in small
    letters, which hosts do not tell from capitals."""
    short = re.fullmatch(r"(?:[^@/:]+@)?([^/:]+):(?!//)(.+)", url)  # git@HOST:OWNER/NAME
    if short:
        host, path = short[1], short[2]
    else:
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path
    return host.lower(), path.strip("/").removesuffix(".git").lower()


def _settings(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        yield key, value


CLONED = ("repository.cloned",)

CHECKS = (
    Check("repository.cloned", "The course repository is cloned", _cloned, requires=("tools.git",)),
    Check("repository.commit", "It holds the pinned commit", _commit, requires=CLONED),
    Check("repository.branch", "A branch is checked out", _branch, requires=CLONED),
    Check("repository.upstream", "Its branch can be pushed and pulled", _upstream, requires=CLONED),
    Check("repository.under-way", "No merge or rebase is under way", _under_way, requires=CLONED),
    Check("repository.remote", "A remote is the course's, or a fork", _remote, requires=CLONED),
)

"""The course repository: where it stands, and what a student should know before committing.

Nothing is fetched and nothing is changed: what is ahead or behind is against what was fetched last.
"""

from __future__ import annotations

from pathlib import Path

from bootstrap.host.command import Result
from bootstrap.verify.check import Check, Finding, failed, passed, warning
from bootstrap.verify.subject import Subject

LARGE = 50 * 1024 * 1024
"""Bytes: GitHub warns above 50 MiB and refuses above 100 (docs.github.com, large files)."""


def _git(subject: Subject, *arguments: str) -> Result:
    # No lock: `git status` would refresh the student's index otherwise.
    folder = str(subject.repository)
    return subject.query("git", "--no-optional-locks", "-C", folder, *arguments)


def _cloned(subject: Subject) -> Finding:
    done = _git(subject, "rev-parse", "--git-dir")
    if done.code == 0:
        return passed(str(subject.repository))
    return failed(
        "no clone" if done.code != 127 else "no git",  # noqa: PLR2004 - the shell's not found
        wanted=f"a clone in {subject.repository}",
        remedy="mlops-bootstrap up",
    )


def _commit(subject: Subject) -> Finding:
    pinned = subject.course.repository.commit
    head = _git(subject, "rev-parse", "--verify", "--quiet", "HEAD").output.strip()
    if head == pinned:
        return passed(f"at {head[:10]}")
    if _git(subject, "merge-base", "--is-ancestor", pinned, "HEAD").code == 0:
        ahead = _git(subject, "rev-list", "--count", f"{pinned}..HEAD").output.strip()
        return passed(f"at {head[:10]}: {pinned[:10]} and {ahead} of your own")
    if _git(subject, "cat-file", "-e", f"{pinned}^{{commit}}").code == 0:
        return warning(
            f"at {head[:10] or 'no commit'}, which does not hold {pinned[:10]}",
            wanted=f"a history with {pinned[:10]}",
            remedy=f"git -C {subject.repository} merge {pinned[:10]}",
        )
    return failed(
        f"{pinned[:10]} is not in the clone",
        wanted=f"commit {pinned[:10]}",
        remedy="mlops-bootstrap up",
    )


def _large_files(subject: Subject) -> Finding:
    listed = _git(subject, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = [name for name in listed.output.split("\0") if name]
    large = [name for name in names if _size(subject.repository / name) > LARGE]
    if not large:
        return passed(f"none of {len(names)} files is over 50 MiB")
    return warning(
        f"over 50 MiB: {', '.join(sorted(large)[:5])}",
        wanted="no large file about to be committed",
        remedy=f"echo '{large[0]}' >> {subject.repository / '.git' / 'info' / 'exclude'}",
    )


def _size(file: Path) -> int:
    try:
        return file.lstat().st_size
    except OSError:
        return 0


CHECKS = (
    Check("repository.cloned", "The course repository is cloned", _cloned),
    Check(
        "repository.commit",
        "It holds the pinned commit",
        _commit,
        requires=("repository.cloned",),
    ),
    Check(
        "repository.large-files",
        "No large file is about to be committed",
        _large_files,
        requires=("repository.cloned",),
    ),
)

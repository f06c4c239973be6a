"""What the clone holds beside the lessons, and what the next commit would take along."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from bootstrap.core.listing import first_few
from bootstrap.verify.areas.repository.state import CLONED
from bootstrap.verify.check import Check, Finding, passed, warning
from bootstrap.verify.clone import pasted, status, tracked, untracked
from bootstrap.verify.subject import Subject

LARGE = 50 * 1024 * 1024
"""Bytes: GitHub warns above 50 MiB and refuses above 100 (docs.github.com, large files)."""

BULK_FOLDERS = ("mlruns", "mlartifacts", "artifacts")
BULK_ENDINGS = (".parquet", ".db", ".sqlite")
"""What lessons make anew in any case."""

SHOWN = 3


def _changes(subject: Subject) -> Finding:
    now, new = status(subject), untracked(subject)
    changed = (*now.changed, *now.added, *now.unmerged)
    if not changed and not new:
        return passed("nothing changed")
    return passed(f"not committed: {len(changed)} changed files, {len(new)} new ones")


def _large_files(subject: Subject) -> Finding:
    folder = subject.repository
    large = _over(folder, untracked(subject))
    if not large:
        return passed("no new file is over 50 MiB")
    return warning(
        f"the next `git add .` takes files over 50 MiB: {_text(large)}",
        wanted="no large file about to be committed",
        remedy=_exclude(folder, large),
    )


def _large_tracked(subject: Subject) -> Finding:
    folder, there = subject.repository, tracked(subject)
    large = _over(folder, there)
    if not large:
        return passed(f"none of {len(there)} tracked files is over 50 MiB")
    return warning(
        f"over 50 MiB: {_text(large)}",
        wanted="no large file in git: hosts refuse more than 100 MiB",
        remedy=f"{pasted(subject)} rm --cached -- {shlex.join(large)}; {_exclude(folder, large)}",
    )


def _ignored(subject: Subject) -> Finding:
    folder, added = subject.repository, status(subject).added
    bulk = bulky((*untracked(subject), *added))
    if not bulk:
        return passed("runs, artifacts and data stay out of commits")
    staged = [name for name in added if bulky([name])]
    unstage = f"{pasted(subject)} reset --quiet -- {shlex.join(staged)}; " if staged else ""
    return warning(
        f"the next commit takes {_text(bulk)}",
        wanted="runs, artifacts and data that git ignores",
        remedy=f"{unstage}{_exclude(folder, bulk)}",
    )


def bulky(names: Iterable[str]) -> tuple[str, ...]:
    """Patterns for git that keep out what lessons make anew, of files by these names."""
    found: dict[str, None] = {}
    for name in names:
        path = PurePosixPath(name)
        folder = next((part for part in path.parts[:-1] if part in BULK_FOLDERS), None)
        if folder:
            found[f"{folder}/"] = None
        elif path.suffix in BULK_ENDINGS:
            found[f"*{path.suffix}"] = None
    return tuple(found)


def _over(folder: Path, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if _size(folder / name) > LARGE)


def _size(file: Path) -> int:
    try:
        return file.lstat().st_size
    except OSError:
        return 0


def _exclude(folder: Path, patterns: Iterable[str]) -> str:
    """The command that has git ignore these here, without a change that would be committed."""
    lines = " ".join(shlex.quote(pattern) for pattern in patterns)
    info = shlex.quote(str(folder / ".git" / "info"))
    return f"mkdir -p {info} && printf '%s\\n' {lines} >> {info}/exclude"


def _text(names: Iterable[str]) -> str:
    return ", ".join(first_few(names, SHOWN))


CHECKS = (
    Check("repository.changes", "What is not committed is known", _changes, requires=CLONED),
    Check(
        "repository.large-files",
        "No large file is about to be committed",
        _large_files,
        requires=CLONED,
    ),
    Check("repository.large-tracked", "git tracks no large file", _large_tracked, requires=CLONED),
    Check("repository.ignored", "git ignores runs, artifacts and data", _ignored, requires=CLONED),
)

"""Codes of the checks of the area repository."""

from __future__ import annotations

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "repository.cloned": Explanation(
        "The course repository is not there.",
        ("the folder was moved or deleted", "git is not installed", "`up` was not run"),
        "Run `mlops-bootstrap up`: it clones the repository anew and leaves other folders alone.",
    ),
    "repository.commit": Explanation(
        "The clone does not stand on the commit that the course is pinned to.",
        ("another branch is checked out", "the course moved to a newer commit"),
        "Run `mlops-bootstrap up`, which fetches the commit; then merge it into your branch.",
    ),
    "repository.large-files": Explanation(
        "Files that a git host refuses or warns about would be part of the next commit.",
        ("mlruns, artifacts or parquet files lie in the clone", "a database file was added"),
        "Add them to .git/info/exclude, or `git rm --cached FILE` where one is tracked already.",
    ),
}

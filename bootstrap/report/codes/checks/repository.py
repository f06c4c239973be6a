"""Codes of the checks of the area repository."""

from __future__ import annotations

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "repository.cloned": Explanation(
        "The course repository is not there, or git cannot read it.",
        (
            "the folder was moved or deleted",
            "`up` was not run",
            "sudo made it, so that it belongs to root: git says `dubious ownership`",
            "a disk that was full left half an index",
        ),
        "Run the command of the message; it keeps your files.",
    ),
    "repository.commit": Explanation(
        "The clone does not stand on the commit that the course is pinned to.",
        ("another branch is checked out", "the course moved to a newer commit"),
        "Run `mlops-bootstrap up`, which fetches the commit; then merge it into your branch.",
    ),
    "repository.branch": Explanation(
        "No branch is checked out (detached HEAD): commits made now are easily lost.",
        ("`git checkout` of a commit or a tag",),
        "Make a branch: `git switch --create my-work`.",
    ),
    "repository.upstream": Explanation(
        "Your branch and the one it follows have each gone on: push and pull are refused.",
        ("commits of your own on a branch that the course goes on with", "work on two machines"),
        "Run `git pull --no-rebase` and solve what git cannot; work on a branch of your own.",
    ),
    "repository.under-way": Explanation(
        "A merge, rebase or the like is not finished, or a git that was ended left its lock.",
        ("conflicts that were not solved", "an editor for the message that was closed"),
        "Run `git status`: it says how to go on and how to go back.",
    ),
    "repository.remote": Explanation(
        "No remote is the course's repository or a fork of it.",
        ("a repository of your own with the lessons copied in", "a remote that was removed"),
        "Add the course's own as `upstream` with the command of the message; a fork is yours to"
        " push to.",
    ),
    "repository.changes": Explanation(
        "Says which files are not committed; this check never fails.",
        ("work that goes on",),
        "Nothing needs to be done.",
    ),
    "repository.large-files": Explanation(
        "Files that a git host refuses or warns about would be part of the next commit.",
        ("data or a model lies in the clone", "a database file was added"),
        "Have git ignore them with the command of the message.",
    ),
    "repository.large-tracked": Explanation(
        "git tracks files that a git host refuses or warns about.",
        ("`git add .` took them along", "they were committed already"),
        "Run the command of the message before the next commit; what is committed already has to"
        " leave the history before a push.",
    ),
    "repository.ignored": Explanation(
        "The next commit takes along runs, artifacts or data, which grow without end.",
        (
            "mlruns/ in the clone: MLFLOW_TRACKING_URI was not set when the code ran",
            "parquet files or a database that were downloaded or made there",
        ),
        "Have git ignore them with the command of the message.",
    ),
}

"""Shell lines that install this tool from its repository at a commit, its packages by hash."""

from __future__ import annotations

import shlex

from bootstrap.core.errors import UsageError
from bootstrap.export.origin import Origin, unknown_origin
from bootstrap.export.subject import Subject

REPORT = "mlops-bootstrap-report.json"

# make_venv of the tool's own scripts/lib.sh installs its hashed pins, and python3-venv where Debian
# left it out.
_INSTALL = """\
set -euo pipefail
tool=$HOME/.local/lib/mlops-bootstrap
mkdir -p "$tool" "$HOME/.local/bin"
cd "$tool"
git init --quiet
git fetch --quiet --depth 1 {url} {commit}
git checkout --quiet --detach {commit}
. scripts/lib.sh
make_venv .venv scripts/requirements.txt
ln -sf "$tool/.venv/bin/mlops-bootstrap" "$HOME/.local/bin/mlops-bootstrap"
"""


def install_script(subject: Subject) -> str:
    """What installs the tool below the home folder, for bash. Raises UsageError E-EXPORT-TOOL."""
    origin = origin_of(subject)
    return _INSTALL.format(url=shlex.quote(origin.url), commit=origin.commit)


def origin_of(subject: Subject) -> Origin:
    """Where the tool is to be had. Raises UsageError E-EXPORT-TOOL where that is not known."""
    if subject.origin is None:
        raise unknown_origin()
    return subject.origin


def course_in_repository(subject: Subject) -> str:
    """What `--course` is given where a repository is checked out: a name, or a path in it.

    Raises UsageError E-EXPORT-COURSE for a course of one's own outside of the current folder.
    """
    if subject.shipped:
        return subject.course.name
    if subject.course_file:
        return f"./{subject.course_file}"
    raise UsageError(
        "E-EXPORT-COURSE",
        "the course file is not below the current folder, so it has no path in a repository",
        where=str(subject.loaded.path),
        remedy="run this at the top of the repository that holds the course",
    )

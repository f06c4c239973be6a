"""Finds a course: by path, by folder, or by the name of one that ships with the tool."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bootstrap.core.errors import UsageError

COURSE_FILE = "course.yml"
COURSE_VARIABLE = "MLOPS_BOOTSTRAP_COURSE"
DEFAULT_COURSE = "mlops-zoomcamp"

_PACKAGE = Path(__file__).resolve().parent.parent


def find_course(spec: str | None, environ: Mapping[str, str]) -> Path:
    """Give the absolute path of the course.yml that a person means.

    spec is a path to the file, a folder that holds one, or the name of a shipped course (the name
    wins over a folder here that is called the same: write ./NAME for that). Without a spec, what
    MLOPS_BOOTSTRAP_COURSE in environ says; without that, mlops-zoomcamp. Raises UsageError
    E-COURSE-MISSING with the shipped names and the nearest of them.
    """
    meant = spec or environ.get(COURSE_VARIABLE) or DEFAULT_COURSE
    shipped = shipped_courses()
    if meant in shipped:
        return shipped[meant]
    path = _expanded(meant, environ)
    try:
        if path.is_dir():
            path = path / COURSE_FILE
        if path.is_file():
            return path.absolute()
    except (OSError, ValueError):  # a name too long for a path, a NUL byte in it: there is none
        pass
    raise _missing(meant, path, shipped)


def shipped_courses() -> dict[str, Path]:
    """Give the courses that ship with the tool: name -> absolute path of its course.yml."""
    files = sorted((_data_root() / "envs").glob(f"*/{COURSE_FILE}"))
    return {file.parent.name: file for file in files}


def compose_directory() -> Path:
    """Give the folder of the Compose project that ships with the tool: compose.yaml and more."""
    return _data_root() / "compose"


def tool_requirements() -> Path:
    """Give the pins of this tool's own environment: a requirements.txt with hashes."""
    return _data_root() / "scripts" / "requirements.txt"


def _data_root() -> Path:
    # A wheel carries these folders as package data; a checkout has them at its root.
    installed = _PACKAGE / "data"
    return installed if (installed / "envs").is_dir() else _PACKAGE.parent


def _expanded(spec: str, environ: Mapping[str, str]) -> Path:
    home = environ.get("HOME")
    # `--course=~/x` reaches us as it is: the shell expands `~` only at the start of a word.
    return Path(home, spec[2:]) if spec.startswith("~/") and home else Path(spec)


def _missing(spec: str, path: Path, shipped: Mapping[str, Path]) -> UsageError:
    from difflib import get_close_matches  # here: a course that is found needs none of it

    names = ", ".join(shipped) or "none"
    close = get_close_matches(spec, shipped, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    if path.name == COURSE_FILE and path.parent.is_dir():
        what = f"the folder {path.parent} holds no {COURSE_FILE}"
    else:
        what = f"there is no course {spec!r}: no file, no folder, no shipped course{hint}"
    return UsageError(
        "E-COURSE-MISSING",
        what,
        where=str(path),
        remedy=f"give --course a course.yml, its folder, or a shipped course ({names})",
    )

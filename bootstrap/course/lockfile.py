"""A lock file as text, and the error for what is wrong in it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bootstrap.core.errors import UsageError
from bootstrap.core.listing import first_few
from bootstrap.course.problems import Problem

_SHOWN = 10
_REMEDY = "take the file from the course again, as it was made"


def lock_content(path: Path) -> bytes:
    """Give the bytes of a lock file. Raises UsageError E-COURSE-LOCK-MISSING."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            "E-COURSE-LOCK-MISSING",
            f"the lock {path} cannot be read: {reason}",
            where=str(path),
            remedy="copy the lock files beside course.yml",
        ) from None


def lock_text(path: Path) -> str:
    """Give the text of a lock file.

    Raises UsageError: E-COURSE-LOCK-MISSING, or E-LOCK-INVALID for what is not UTF-8.
    """
    content = lock_content(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise lock_error("E-LOCK-INVALID", path, [Problem(line, "", "not text in UTF-8")]) from None


def lock_error(code: str, path: Path, problems: Iterable[Problem]) -> UsageError:
    """Make the error for what is wrong in a lock file, the first problems a line each."""
    ordered = sorted(problems)
    lines = first_few((problem.at(str(path)) for problem in ordered), _SHOWN)
    return UsageError(code, "\n".join(lines), where=f"{path}:{ordered[0].line}", remedy=_REMEDY)

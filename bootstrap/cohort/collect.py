"""Reports found and read. One that cannot be read is named and left out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from bootstrap.core.errors import UsageError
from bootstrap.verify.report import VERSION, Report
from bootstrap.verify.signature import Secret, Signed

LARGEST = 4 * 1024 * 1024
"""Bytes of a file that can be a report: a hundred times what they have."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The report of one student, who is named by the file."""

    file: str
    student: str
    report: Report
    signed: Signed


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not counted: a W- code of the catalogue, and why."""

    file: str
    code: str
    why: str


class _RefusedError(Exception):
    """Why a file is left out."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


def collect(
    paths: Sequence[Path], secret: Secret | None = None
) -> tuple[tuple[Entry, ...], tuple[LeftOut, ...]]:
    """The reports in these files and folders, and what was left out of them.

    Signatures are checked where a secret is given. Raises UsageError E-NO-REPORT where no report
    is left.
    """
    files = _files(paths)
    entries: list[Entry] = []
    left_out: list[LeftOut] = []
    for file, student in zip(files, _students(files), strict=True):
        try:
            entries.append(_entry(file, student, secret))
        except _RefusedError as refused:
            left_out.append(LeftOut(str(file), refused.code, str(refused)))
    kept, strangers = _of_one_course(entries)
    left_out += strangers
    if not kept:
        why = left_out[0] if left_out else None
        raise UsageError(
            "E-NO-REPORT",
            f"no report was found{f', and {len(left_out)} could not be read' if why else ''}",
            where=f"{why.file}: {why.why}" if why else ", ".join(str(path) for path in paths),
            remedy="give files that `mlops-bootstrap verify --report FILE` wrote, or their folder",
        )
    return kept, tuple(left_out)


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files, and those named .json in the folders; each once, sorted."""
    found = {file.resolve(): file for path in paths for file in _in(path)}
    return sorted(found.values())


def _in(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for file in path.rglob("*.json"):
        if file.is_file() and not file.name.startswith("."):
            yield file


def _students(files: Sequence[Path]) -> list[str]:
    """Names of files without their ending; with folders where two are called the same."""
    stems = Counter(file.stem for file in files)
    return [file.stem if stems[file.stem] == 1 else str(file.with_suffix("")) for file in files]


def _entry(file: Path, student: str, secret: Secret | None) -> Entry:
    document = _document(file)
    try:
        report = Report.model_validate(document)
        if secret:
            signed = secret.check(document)
        else:
            signed = Signed.UNCHECKED if report.signature else Signed.MISSING
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise _RefusedError("W-REPORT-DAMAGED", f"{where}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:  # what is signed has no canonical form
        raise _RefusedError("W-REPORT-DAMAGED", str(error)) from error
    return Entry(str(file), student, report, signed)


def _document(file: Path) -> dict[str, Any]:
    try:
        if not file.is_file():
            raise _RefusedError("W-REPORT-DAMAGED", "is not a file")
        if file.stat().st_size > LARGEST:
            raise _RefusedError("W-REPORT-FOREIGN", "is too large to be a report")
        document = json.loads(file.read_bytes(), parse_constant=_no_number)
    except OSError as error:
        raise _RefusedError("W-REPORT-DAMAGED", error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:  # not JSON, not UTF-8, or nested without end
        raise _RefusedError("W-REPORT-DAMAGED", f"is not JSON: {error}") from error
    if not isinstance(document, dict) or document.get("kind") != "report":
        raise _RefusedError("W-REPORT-FOREIGN", "is not a report of mlops-bootstrap")
    version = document.get("version")
    if isinstance(version, int) and version > VERSION:
        raise _RefusedError(
            "W-REPORT-NEWER", f"has format {version}, and this tool reads up to {VERSION}"
        )
    return document


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _of_one_course(entries: Sequence[Entry]) -> tuple[tuple[Entry, ...], list[LeftOut]]:
    """The reports of the course that most are of; the others are left out."""
    courses = Counter(entry.report.course.name for entry in entries)
    if len(courses) < 2:  # noqa: PLR2004 - one course is what a class has
        return tuple(entries), []
    (most, _), *_ = sorted(courses.items(), key=lambda found: (-found[1], found[0]))
    strangers = [
        LeftOut(
            entry.file,
            "W-REPORT-FOREIGN",
            f"is of the course {entry.report.course.name}, most are of {most}",
        )
        for entry in entries
        if entry.report.course.name != most
    ]
    return tuple(e for e in entries if e.report.course.name == most), strangers

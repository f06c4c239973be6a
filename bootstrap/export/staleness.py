"""Whether a file that was exported is the one that an export would make now."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

from bootstrap.core.errors import UsageError
from bootstrap.core.listing import first_few

_LINES = 12
"""Lines that differ which are shown of one file."""

_LONGEST = 120


def differences(path: Path, wanted: str) -> list[str]:
    """The lines in which a file differs from what is wanted, `-` before what is there and `+`
    before what would be; none where it is the same. Raises UsageError E-EXPORT-FILE.
    """
    found = _text(path)
    if found == wanted:
        return []
    lines = [_short(line) for line in _changed(found, wanted)] or ["  (only the ends of lines)"]
    return first_few(lines, _LINES)


def folder_differences(folder: Path, wanted: dict[str, str]) -> dict[str, list[str]]:
    """What differs in each file of a folder; other files in it are nobody's business.

    Raises UsageError E-EXPORT-FILE where there is no such folder.
    """
    if not folder.is_dir():
        raise _unreadable(folder, "it is no folder")
    found = {
        name: differences(folder / name, text) if (folder / name).exists() else ["  is missing"]
        for name, text in wanted.items()
    }
    return {name: lines for name, lines in found.items() if lines}


def _changed(found: str, wanted: str) -> Iterator[str]:
    for line in difflib.ndiff(found.splitlines(), wanted.splitlines()):
        if line.startswith(("- ", "+ ")):
            yield line


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _text(path: Path) -> str:
    try:
        # Bytes, for reading as text would make one kind of line ends of all.
        return path.read_bytes().decode()
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise _unreadable(path, "it is not text in UTF-8") from None


def _unreadable(path: Path, why: str) -> UsageError:
    return UsageError(
        "E-EXPORT-FILE",
        f"{path} cannot be checked: {why}",
        where=str(path),
        remedy="name the file, or for devcontainer the folder, that an export made",
    )

"""The bundle as a file: what was found, hidden, in an archive that names nobody."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bootstrap import __version__
from bootstrap.core.errors import BootstrapError
from bootstrap.report import as_json, clean, text
from bootstrap.support.collect import Found
from bootstrap.support.hide import Hide, hidden
from bootstrap.support.part import Part

FOLDER = "mlops-bootstrap-support"
"""What all files of the bundle are in."""

CONTENTS = "contents.json"
ABOUT = "this list, and what could not be had"

LINE = 2000
"""Characters of a line of a log: a model or a page that was logged in one would fill the bundle."""


def files(parts: Sequence[Part], found: Found, hide: Hide, moment: float) -> dict[str, bytes]:
    """Every file of the bundle by its name, the list of them first."""
    made = {part.name: _file(part.name, found[part.name], hide) for part in parts}
    contents = hidden(contents_of(parts, found, moment), hide)
    return {CONTENTS: _json(contents), **made}


def contents_of(parts: Sequence[Part], found: Found, moment: float) -> dict[str, Any]:
    """What the bundle holds and what could not be had, as JSON; moment is in seconds since the
    epoch."""
    return {
        **as_json.head("support-bundle"),
        "made": datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds"),
        "tool": __version__,
        "files": [_listed(part, found[part.name]) for part in parts],
    }


def missing(parts: Sequence[Part], found: Found) -> dict[str, BootstrapError]:
    """The parts that could not be had, by name, and why."""
    return {p.name: e for p in parts if isinstance(e := found[p.name], BootstrapError)}


def archive(members: Mapping[str, bytes], moment: float) -> bytes:
    """A .tar.gz of these files: the same bytes for the same files and moment, and nobody's names or
    numbers in it."""
    written = io.BytesIO()
    with (
        gzip.GzipFile("", "wb", fileobj=written, mtime=int(moment)) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for name, content in members.items():
            entry = tarfile.TarInfo(f"{FOLDER}/{name}")
            entry.size, entry.mtime, entry.mode = len(content), int(moment), 0o600
            tar.addfile(entry, io.BytesIO(content))
    return written.getvalue()


def _listed(part: Part, found: Any) -> dict[str, Any]:
    error = found if isinstance(found, BootstrapError) else None
    return {
        "name": part.name,
        "what": part.what,
        "there": error is None,
        "code": error.code if error else "",
        "why": error.what if error else "",
    }


def _file(name: str, found: Any, hide: Hide) -> bytes:
    if name.endswith(".json"):
        return _json(hidden(as_json.error(found) if _failed(found) else found, hide))
    if name.endswith(".jsonl"):
        values = [as_json.error(found)] if _failed(found) else found
        return b"".join(_json(hidden(value, hide), indent=None) for value in values)
    lines = clean.lines(text.error(found) if _failed(found) else found)
    return "".join(f"{line[:LINE]}\n" for line in hide("\n".join(lines)).split("\n")).encode()


def _failed(found: Any) -> bool:
    return isinstance(found, BootstrapError)


def _json(value: Any, indent: int | None = 1) -> bytes:
    return (json.dumps(value, indent=indent, ensure_ascii=False) + "\n").encode(errors="replace")

"""The sums of a course's locks: a digest of each entry, so that an edited one can be named.

A lock as a whole is pinned by its sha256 in course.yml; that proves it, and these only help a
person to find what was changed. The file holds a line for each entry, as sha256sum(1) does:
`DIGEST  FILE ENTRY`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bootstrap.course.requirements import logical_lines

SUMS = "lock.sums"
_LENGTH = 16
"""Hexadecimal digits of each digest that are kept: enough to see a change, no proof."""

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def sums_text(locks: dict[str, bytes]) -> str:
    """Give the sums of locks (name -> content) as the text of a lock.sums."""
    lines = (
        f"{digest}  {name} {entry}"
        for name, content in sorted(locks.items())
        for entry, digest in sorted(_sums(content).items())
    )
    return "".join(f"{line}\n" for line in lines)


def differing(lock: Path, content: bytes) -> list[str]:
    """Give the entries of a lock that are not as the sums beside it say; none without sums."""
    try:
        text = lock.with_name(SUMS).read_text()
        found = _sums(content)
    except (OSError, ValueError, yaml.YAMLError):
        return []
    recorded = dict(_recorded(text, lock.name))
    if not recorded:
        return []
    return sorted(
        entry for entry in recorded.keys() | found if recorded.get(entry) != found.get(entry)
    )


def _recorded(text: str, name: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        digest, _, rest = line.partition("  ")
        file, _, entry = rest.partition(" ")
        if file == name:
            yield entry, digest


def _sums(content: bytes) -> dict[str, str]:
    """Entry -> digest. A lock of conda packages is YAML, one of wheels is lines."""
    text = content.decode("utf-8-sig")
    entries = _conda(text) if "\npackage:" in text else _wheels(text)
    return {name: hashlib.sha256(said.encode()).hexdigest()[:_LENGTH] for name, said in entries}


def _conda(text: str) -> Iterator[tuple[str, str]]:
    for entry in yaml.load(text, Loader=_Loader)["package"]:  # noqa: S506 - a base loader: only text
        yield f"{entry['name']} ({entry['platform']})", json.dumps(entry, sort_keys=True)


def _wheels(text: str) -> Iterator[tuple[str, str]]:
    for _, line in logical_lines(text):
        yield line.partition("==")[0].strip(), line

"""The digests of the locks in course.yml: whether a lock is the one, and writing them there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import yaml

from bootstrap.core.errors import UsageError
from bootstrap.course.lockfile import lock_content

_Loader = yaml.SafeLoader  # its marks count characters; libyaml's count what it was given

DIGEST_KEY = "sha256"

_SHOWN = 10
"""Entries of an edited lock that are named."""


def check_digest(lock: Path, pinned: str | None) -> None:
    """See that a lock is the one that the course pins; without a pin any is.

    Raises UsageError E-LOCK-EDITED with both digests and, where the sums beside the lock tell, the
    entries that differ; E-COURSE-LOCK-MISSING.
    """
    if pinned is None:
        return
    content = lock_content(lock)
    found = hashlib.sha256(content).hexdigest()
    if found == pinned:
        return
    from bootstrap.course.sums import differing  # here: a lock as it was made needs none of it

    entries = differing(lock, content)
    said = f"; changed: {', '.join(entries[:_SHOWN])}" if entries else ""
    raise UsageError(
        "E-LOCK-EDITED",
        f"{lock.name} is not the lock that the course pins: sha256 {found}, pinned {pinned}{said}",
        where=str(lock),
        remedy="take the file from the course again; if the change is meant, change the"
        " specification and run `mlops-bootstrap lock`",
    )


def with_digests(text: str, digests: Mapping[str, str], path: Path) -> str:
    """The text of a course file with `environment.PART.sha256` set, for parts conda and wheels.

    A digest that is there is replaced; where there is none, a line is added behind the part's
    last. Raises UsageError E-COURSE-INVALID where a part is written in braces, so that there is
    no such line.
    """
    # From the last part to the first, so that the marks of the others stay true.
    edits = sorted((_edit(text, part, digest, path) for part, digest in digests.items()))
    for start, end, replacement in reversed(edits):
        text = text[:start] + replacement + text[end:]
    return text


def _edit(text: str, part: str, digest: str, path: Path) -> tuple[int, int, str]:
    root = yaml.compose(text, Loader=_Loader)
    mapping = _below(_below(root, "environment"), part)
    pairs = {key.value: (key, value) for key, value in mapping.value}
    if DIGEST_KEY in pairs:
        value = pairs[DIGEST_KEY][1]
        return value.start_mark.index, value.end_mark.index, digest
    key, value = mapping.value[-1]
    if mapping.flow_style:
        raise UsageError(
            "E-COURSE-INVALID",
            f"environment.{part} is written in braces, where no digest can be added",
            where=f"{path}:{mapping.start_mark.line + 1}",
            remedy=f"write it as lines: `lock: ...` and more below `{part}:`",
        )
    line_end = text.find("\n", value.end_mark.index)
    end = len(text) if line_end < 0 else line_end
    if text[:end].endswith("\r"):
        end -= 1
    break_before = ("\r\n" if text[end:].startswith("\r") else "\n") + " " * key.start_mark.column
    return end, end, f"{break_before}{DIGEST_KEY}: {digest}"


def _below(node: yaml.Node | None, key: str) -> yaml.MappingNode:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    found = next((value for name, value in pairs if name.value == key), None)
    assert isinstance(found, yaml.MappingNode), f"the model was checked, {key} is a mapping"
    return found

"""What `diagnose` says: what a support bundle holds, and what became of it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from bootstrap.core.errors import BootstrapError
from bootstrap.report import text, units
from bootstrap.report.colour import Paint

HIDDEN = (
    "Taken out of every file: passwords, tokens, user and host names, home paths, and addresses"
    " other than this machine's own."
)


def listing(
    file: str,
    listed: Sequence[tuple[str, str]],
    paint: Paint = text.PLAIN,
    *,
    dry_run: bool = False,
) -> str:
    """What the bundle will hold, given as (name of a file, what is in it)."""
    head = paint.bold(f"{file} {'would' if dry_run else 'will'} hold:")
    return "\n".join([head, "", *text.columns(listed), "", HIDDEN])


def written(
    file: str, size: int, missing: Mapping[str, BootstrapError], paint: Paint = text.PLAIN
) -> str:
    """That the bundle is there, its size in bytes, and what could not be had."""
    head = paint.good(f"Wrote {file}, {units.size(size)}, readable by you only.")
    by_code: dict[str, list[str]] = {}
    for name, error in missing.items():
        by_code.setdefault(error.code, []).append(name)
    pairs = [("not had", f"{', '.join(names)}: {code}") for code, names in by_code.items()]
    pairs.append(("look", paint.link(f"tar -xzOf {shlex.quote(file)} | less")))
    return "\n".join([head, "", *text.columns(pairs)])

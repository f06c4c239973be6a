"""A table for people, laid out by rich."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

UNBOUNDED = 10_000
"""Characters in a line that no terminal breaks: for files and pipes."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]], width: int | None = None) -> str:
    """Rows below their heads, aligned; cells fold where a width (in characters) is given."""
    # Imported here: commands that print no table start without rich.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, header_style="", show_edge=False)
    for name in head:
        made.add_column(name, overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    written = io.StringIO()
    Console(file=written, width=width or UNBOUNDED, color_system=None).print(made)
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines())

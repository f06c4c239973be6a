"""Where results go: stdout carries the result, stderr the progress and what went wrong."""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import Any

from bootstrap.core.errors import BootstrapError
from bootstrap.report import as_json, colour, text


def show_json(value: dict[str, Any]) -> None:
    """Print a result as one JSON line on stdout."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def show(lines: str) -> None:
    """Print a result for people on stdout."""
    sys.stdout.write(lines + "\n")
    sys.stdout.flush()


def paint_for_stdout() -> colour.Paint:
    """Colours for stdout, none where it is no terminal or the user wants none."""
    return colour.Paint(colour.wanted(sys.stdout, os.environ))


def paint_for_stderr() -> colour.Paint:
    """Colours for stderr, none where it is no terminal or the user wants none."""
    return colour.Paint(colour.wanted(sys.stderr, os.environ))


def stdout_width() -> int | None:
    """Columns of the terminal that stdout is, None where it is none: nothing is folded then."""
    return shutil.get_terminal_size().columns if colour.is_terminal(sys.stdout) else None


def show_error(error: BootstrapError, as_json_line: bool) -> None:
    """Say what went wrong: words on stderr, or a JSON line on stdout."""
    if as_json_line:
        show_json(as_json.error(error))
    else:
        sys.stderr.write(text.error(error, paint_for_stderr()) + "\n")

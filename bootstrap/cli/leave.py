"""How a process of this tool ends."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process with this exit code, when all that is to be done is done.

    Python would first take itself apart, and a thread of rattler that reaches for it meanwhile
    can crash the process (https://github.com/PyO3/pyo3/pull/4874): exit code -11 in place of the
    right one, seen twice on a busy machine. It also takes a tenth of a no-op `up`.
    """
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except BrokenPipeError:  # the reader of our output went away: `| head`
            code = 128 + signal.SIGPIPE
        except OSError:  # no room for it
            code = code or 1
    os._exit(code)

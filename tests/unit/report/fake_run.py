"""A run for a terminal: started by test_live_pty as a program of its own."""

from __future__ import annotations

import fcntl
import os
import sys
import termios
import time
import warnings

from bootstrap.report.choose import renderer
from tests.unit.report import story


def main(ending: str) -> int:
    """Tell the story in the live display; wait for Ctrl-C in its middle if so asked."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    try:
        with renderer("auto", sys.stdout, sys.stderr, os.environ, story.REQUIRES) as emit:
            for event in story.beginning():
                emit(event)
            warnings.warn("a library says so", stacklevel=1)
            time.sleep(60 if ending == "wait" else 0.5)
            for event in story.good_end() if ending == "good" else story.bad_end():
                emit(event)
                time.sleep(0.05)
    except KeyboardInterrupt:
        return 130
    print("the result")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""`python -IS group_leader.py COMMAND...`: runs a command, and ends its whole group on SIGTERM.

The kernel tells only the direct child that this tool was killed; what that one started would stay.
A program by itself: it imports nothing of ours. A shell cannot stand for it: what it starts with
`&` ignores SIGINT, by which Prefect's worker ends.
"""

import os
import signal
import subprocess
import sys

GRACE = 8
"""Seconds to end; then the group is killed. As in command.py: Prefect's worker, when its server
goes with it, asks for that one much longer."""


def main() -> int:
    """Run the command to its end; gives its exit code."""
    child = None

    def hand_on(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it comes back to us, too
        os.killpg(0, signal.SIGTERM)
        signal.alarm(GRACE)
        if child is None:
            sys.exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, hand_on)
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(0, signal.SIGKILL))
    child = subprocess.Popen(sys.argv[1:])
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())

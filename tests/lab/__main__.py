"""`python -m tests.lab build | serve | apt`: the lab from a command line."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from tests.lab import LabError, apt_requirements, build_lab, serve


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    chosen = _parser().parse_args(argv)
    try:
        match chosen.command:
            case "apt":
                print(" ".join(apt_requirements()))
            case "build":
                print(build_lab(chosen.cache, _say).course_path)
            case "serve":
                _serve(chosen)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _say(line: str) -> None:
    print(f"lab: {line}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("apt", help="print the Debian packages that the lab needs")
    build = commands.add_parser("build", help="build what is missing, print the course file's path")
    server = commands.add_parser("serve", help="build what is missing and serve until SIGTERM")
    for command in (build, server):
        command.add_argument("--cache", type=Path, help="folder of the built parts")
    server.add_argument("--host", default="127.0.0.1", help="address to bind (default %(default)s)")
    server.add_argument("--port", type=int, default=0, help="port to bind (default: a free one)")
    server.add_argument("--ready-file", type=Path, help="written once the lab answers")
    return parser


def _serve(chosen: argparse.Namespace) -> None:
    lab = build_lab(chosen.cache, _say)
    # From here on there is something to end in order; a build ends at once and leaves nothing.
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with serve(lab, chosen.host, chosen.port) as server:
        ready = json.dumps({"url": server.url, "course": str(server.course_path)})
        if chosen.ready_file:
            beside = chosen.ready_file.with_name(chosen.ready_file.name + ".tmp")
            beside.write_text(ready + "\n")
            beside.replace(chosen.ready_file)
        print(ready, flush=True)
        stop.wait()


if __name__ == "__main__":
    sys.exit(main())

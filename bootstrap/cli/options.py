"""Options that several commands have, and the session that they add up to."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from bootstrap.course.model import SUBDIRS
from bootstrap.host.host import Host, HostView, this_machine
from bootstrap.machine.blueprint import Blueprint, draw
from bootstrap.machine.choice import RUNTIMES
from bootstrap.machine.selection import Selection, load_selection

Function = TypeVar("Function", bound=Callable[..., Any])

course_option = click.option(
    "--course", metavar="PATH|NAME", help="A course.yml, its folder, or a shipped course."
)
source_option = click.option(
    "--source", metavar="upstream|URL", help="Where artifacts come from: upstream or a mirror."
)
json_option = click.option("--json", "as_json", is_flag=True, help="JSON instead of words.")
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Say what would change, and change nothing."
)
yes_option = click.option(
    "--yes", "-y", is_flag=True, help="Never ask; fail where a password is needed."
)
plain_option = click.option("--plain", is_flag=True, help="Lines instead of a live display.")
platform_option = click.option(
    "--platform",
    type=click.Choice(list(SUBDIRS.values())),
    help="For this kind of machine instead of this one's.",
)


def file_option(name: str, help_: str) -> Callable[[Function], Function]:
    """An option that names a file to write, or a file to read."""
    path = click.Path(path_type=Path)
    return click.option(name, metavar="FILE", type=path, help=help_)


class PortParam(click.ParamType["tuple[str, int]"]):
    """SERVICE=PORT."""

    name = "SERVICE=PORT"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Split into the service and its port."""
        service, found, number = str(value).partition("=")
        if not found or not service or not number.isascii() or not number.isdigit():
            self.fail(f"{value!r} is not SERVICE=PORT, such as mlflow=5001", param, ctx)
        port = int(number)
        if not 1 <= port <= 65535:  # noqa: PLR2004 - the range of TCP ports
            self.fail(f"port {port} is not between 1 and 65535", param, ctx)
        return service, port


port_option = click.option(
    "--port", "ports", type=PortParam(), multiple=True, help="Publish a service on another port."
)
bind_option = click.option(
    "--bind", metavar="ADDRESS", help="Publish ports on this address instead of 127.0.0.1."
)

runtime_option = click.option(
    "--runtime",
    type=click.Choice(RUNTIMES),
    help="How services run: in Docker, as plain processes, or as this machine allows.",
)

python_option = click.option(
    "--python",
    type=click.Choice(("locked", "system")),
    help="The course's locked Python, or one of this machine where no channel can be reached.",
)


def choosing(function: Function) -> Function:
    """Add the options that choose what a machine should be."""
    for option in (
        python_option,
        runtime_option,
        bind_option,
        port_option,
        source_option,
        course_option,
    ):
        function = option(function)
    return function


@dataclass(frozen=True)
class Session:
    """This machine, and the course as it was chosen for it."""

    view: HostView
    host: Host
    blueprint: Blueprint


def open_session(  # noqa: PLR0913 - one for each option
    *,
    course: str | None = None,
    source: str | None = None,
    bind: str | None = None,
    ports: tuple[tuple[str, int], ...] = (),
    held: str | None = None,
    runtime: str | None = None,
    python: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Session:
    """The session for options as given, over what was remembered from the last `up`.

    held is the digest of a generation to stay at, empty to follow the course's locks.
    """
    view, host = this_machine(environ)
    remembered = load_selection(view.paths.config, environ)
    chosen: Selection = remembered.changed(
        course=_absolute(course),
        source=source,
        bind=bind,
        ports=dict(ports),
        held=held,
        runtime=runtime,
        python=python,
    )
    return Session(view, host, draw(chosen, view))


def _absolute(course: str | None) -> str | None:
    """A path is remembered so that it holds from another folder too; a name stays a name."""
    if course and (os.sep in course or os.path.exists(course)):  # noqa: PTH110 - text, not a path yet
        return os.path.abspath(os.path.expanduser(course))  # noqa: PTH100, PTH111
    return course

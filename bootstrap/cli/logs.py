"""`logs`: what the services log."""

from __future__ import annotations

import os

import click

from bootstrap.cli.options import course_option, open_session
from bootstrap.core.errors import BootstrapError, UsageError


@click.command("logs")
@course_option
@click.argument("service", required=False)
@click.option("--follow", "-f", is_flag=True, help="Go on until Ctrl-C.")
@click.option("--tail", default="200", show_default=True, help="Lines from the end, or `all`.")
def command(*, course: str | None, service: str | None, follow: bool, tail: str) -> None:
    """Show what the services log, or one SERVICE."""
    stack = open_session(course=course).blueprint.stack
    if service and service not in stack.services:
        raise UsageError(
            "E-NO-SERVICE",
            f"the course has no service {service!r}",
            remedy=f"its services: {', '.join(stack.services)}",
        )
    arguments = ("logs", "--tail", tail, *(("--follow",) if follow else ()))
    asked = stack.command(*arguments, *((service,) if service else ()))
    if not stack.compose.exists():
        raise BootstrapError(
            "E-NOT-UP", "nothing was installed yet", remedy="run `mlops-bootstrap up` first"
        )
    os.execve(asked.argv[0], asked.argv, {**os.environ, **asked.env})  # noqa: S606

"""`logs`: what the services log."""

from __future__ import annotations

import os

import click

from bootstrap.cli.options import course_option, open_session
from bootstrap.core.errors import UsageError


@click.command("logs")
@course_option
@click.argument("service", required=False)
@click.option("--follow", "-f", is_flag=True, help="Go on until Ctrl-C.")
@click.option("--tail", default="200", show_default=True, help="Lines from the end, or `all`.")
def command(*, course: str | None, service: str | None, follow: bool, tail: str) -> None:
    """Show what the services log, or one SERVICE."""
    runtime = open_session(course=course).blueprint.runtime
    if service and service not in runtime.services:
        raise UsageError(
            "E-NO-SERVICE",
            f"there is no service {service!r}",
            remedy=f"the services: {', '.join(runtime.services)}",
        )
    asked = runtime.logs(service, tail, follow=follow)
    os.execvpe(asked.argv[0], asked.argv, {**os.environ, **asked.env})  # noqa: S606

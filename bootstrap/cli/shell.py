"""`shell`: the user's shell in the course environment."""

from __future__ import annotations

import os

import click

from bootstrap.cli.options import course_option, open_session
from bootstrap.machine.inside import environment_inside, shell_command


@click.command("shell")
@course_option
def command(course: str | None) -> None:
    """Open your shell in the course environment; `exit` leaves it."""
    session = open_session(course=course)
    environment = environment_inside(session.blueprint, session.view)
    argv = shell_command(session.view)
    os.execvpe(argv[0], argv, environment)  # noqa: S606 - becoming the shell is the purpose

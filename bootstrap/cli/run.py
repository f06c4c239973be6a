"""`run`: one command in the course environment."""

from __future__ import annotations

import os

import click

from bootstrap.cli.options import course_option, open_session
from bootstrap.machine.inside import environment_inside


@click.command("run", context_settings={"ignore_unknown_options": True})
@course_option
@click.argument("argv", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- CMD...")
def command(argv: tuple[str, ...], course: str | None) -> None:
    """Run CMD in the course environment; its exit code is ours."""
    session = open_session(course=course)
    environment = environment_inside(session.blueprint, session.view)
    os.execvpe(argv[0], argv, environment)  # noqa: S606 - becoming the command is the purpose

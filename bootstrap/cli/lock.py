"""`lock`: the locks of a course."""

from __future__ import annotations

import click

from bootstrap.cli import prove


@click.group("lock", invoke_without_command=True)
def command() -> None:
    """Make, check or prove the locks of a course."""


command.add_command(prove.command)

"""`image`: container images with the course environment, made without an engine."""

from __future__ import annotations

import click

from bootstrap.cli import image_build, image_verify


@click.group("image")
def command() -> None:
    """Build container images with the course environment, and prove what is in one."""


command.add_command(image_build.command)
command.add_command(image_verify.command)

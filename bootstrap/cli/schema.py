"""`schema`: the JSON schema of course.yml."""

from __future__ import annotations

import click

from bootstrap.cli import output


@click.command("schema")
def command() -> None:
    """Print the JSON schema of course.yml, for editors and other tools."""
    from bootstrap.course.schema import schema_text

    output.show(schema_text().rstrip("\n"))

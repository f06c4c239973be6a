"""`schema`: the JSON schemas of course.yml and of reports."""

from __future__ import annotations

import click

from bootstrap.cli import output


@click.command("schema")
@click.option("--report", is_flag=True, help="Of the reports of `verify` instead.")
def command(*, report: bool) -> None:
    """Print the JSON schema of course.yml, for editors and other tools."""
    if report:
        from bootstrap.verify.report import schema_text
    else:
        from bootstrap.course.schema import schema_text

    output.show(schema_text().rstrip("\n"))

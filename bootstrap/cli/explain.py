"""`explain`: what an error code means."""

from __future__ import annotations

import click

from bootstrap.cli import output


@click.command("explain")
@click.argument("code")
def command(code: str) -> None:
    """Explain an error CODE: what it means, why it happens, what to do."""
    from bootstrap.report import catalogue

    output.show(catalogue.as_text(code, output.paint_for_stdout()))

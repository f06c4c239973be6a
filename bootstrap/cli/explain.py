"""`explain`: what an error code or the code of a check means."""

from __future__ import annotations

import click

from bootstrap.cli import output
from bootstrap.cli.options import json_option


@click.command("explain")
@click.argument("code", required=False)
@json_option
def command(*, code: str | None, as_json: bool) -> None:
    """Explain CODE: what it means, why it happens, how to see it and what to do; all without."""
    from bootstrap.report import catalogue

    if as_json:
        output.show_json(catalogue.as_json(code))
    elif code is None:
        output.show(catalogue.all_as_text(output.paint_for_stdout()))
    else:
        output.show(catalogue.as_text(code, output.paint_for_stdout()))

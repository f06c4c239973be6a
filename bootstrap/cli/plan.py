"""`plan`: what `up` would change."""

from __future__ import annotations

from typing import Any

import click

from bootstrap.cli import output
from bootstrap.cli.options import choosing, json_option, open_session
from bootstrap.core.plan import make_plan
from bootstrap.report import as_json as json_report
from bootstrap.report import text

DRIFT = 5
"""The exit code that says that something differs."""


@click.command("plan")
@choosing
@click.option("--check", is_flag=True, help="Exit 5 where something differs.")
@json_option
def command(*, check: bool, as_json: bool, **chosen: Any) -> int:
    """Say what `up` would change. Nothing is changed."""
    session = open_session(**chosen)
    plan = make_plan(session.blueprint.steps, session.view)
    if as_json:
        output.show_json(json_report.plan(plan))
    else:
        output.show(text.plan(plan, output.paint_for_stdout()))
    return DRIFT if check and plan.changes else 0

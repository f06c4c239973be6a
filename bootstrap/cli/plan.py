"""`plan`: what `up` would change."""

from __future__ import annotations

from typing import Any

import click

from bootstrap.cli.converge import show_plan
from bootstrap.cli.options import choosing, json_option, open_session

DRIFT = 5
"""The exit code that says that something differs."""


@click.command("plan")
@choosing
@click.option("--check", is_flag=True, help="Exit 5 where something differs.")
@json_option
def command(*, check: bool, as_json: bool, **chosen: Any) -> int:
    """Say what `up` would change. Nothing is changed."""
    plan = show_plan(open_session(**chosen), as_json=as_json)
    return DRIFT if check and plan.changes else 0

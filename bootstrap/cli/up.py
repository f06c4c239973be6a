"""`up`: bring this machine to what the course needs, and prove that it works."""

from __future__ import annotations

from typing import Any

import click

from bootstrap.cli.converge import Manner, converge, holding, show_plan
from bootstrap.cli.options import (
    choosing,
    dry_run_option,
    json_option,
    open_session,
    plain_option,
    yes_option,
)


@click.command("up")
@choosing
@dry_run_option
@yes_option
@json_option
@plain_option
def command(*, dry_run: bool, yes: bool, as_json: bool, plain: bool, **chosen: Any) -> int:
    """Bring this machine to what the course needs, and prove that it works."""
    manner = Manner(not yes, as_json, plain)
    session = open_session(**chosen)
    if dry_run:
        show_plan(session, as_json=as_json)
        return 0
    with holding(session, "up") as cancel:
        return converge(session, cancel, manner)

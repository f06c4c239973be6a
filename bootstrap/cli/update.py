"""`update`: on to the environment of the course's locks, the one before kept beside it."""

from __future__ import annotations

from typing import Any

import click

from bootstrap.cli import output
from bootstrap.cli.converge import Manner, converge, holding, show_plan
from bootstrap.cli.options import (
    choosing,
    dry_run_option,
    json_option,
    open_session,
    plain_option,
    yes_option,
)
from bootstrap.report import generations


@click.command("update")
@choosing
@dry_run_option
@yes_option
@json_option
@plain_option
def command(*, dry_run: bool, yes: bool, as_json: bool, plain: bool, **chosen: Any) -> int:
    """Show which packages change, then bring the machine to the course's locks as they are now."""
    from bootstrap.machine.changes import update_of

    manner = Manner(not yes, as_json, plain)
    session = open_session(**chosen, held="")
    update = update_of(session.blueprint, session.view)
    if as_json:
        output.show_json(generations.update_json(update))
    elif update.changed:
        output.show(generations.update(update, output.stdout_width(), output.paint_for_stdout()))
    if dry_run:
        show_plan(session, as_json=as_json)
        return 0
    if update.changed:
        manner.confirm("Update?")
    with holding(session, "update") as cancel:
        return converge(session, cancel, manner)

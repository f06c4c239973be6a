"""`rollback`: back to the environment before; once more, and forward again."""

from __future__ import annotations

import click

from bootstrap.cli import output
from bootstrap.cli.converge import Manner, converge, holding, show_plan
from bootstrap.cli.options import (
    Session,
    dry_run_option,
    json_option,
    open_session,
    plain_option,
    yes_option,
)
from bootstrap.report import generations


@click.command("rollback")
@dry_run_option
@yes_option
@json_option
@plain_option
def command(*, dry_run: bool, yes: bool, as_json: bool, plain: bool) -> int:
    """Go back to the environment before the current one, and stay there until `update`.

    Services that run are brought to it too; where none runs, none is started.
    """
    from bootstrap.machine.rollback import go_back, way_back

    manner = Manner(not yes, as_json, plain)
    newest = open_session(held="")
    old, new = way_back(newest.blueprint, newest.view)
    session = open_session(held=new)
    blueprint = session.blueprint
    running = blueprint.runtime.any_runs(session.view)
    if dry_run:
        _say(old, session, as_json=as_json, dry_run=True)
        if running:
            show_plan(session, as_json=as_json)
        return 0
    with holding(session, "rollback") as cancel:
        if running:
            blueprint.runtime.check_schemas(blueprint.generation, cancel)
        go_back(blueprint, session.view)
        _say(old, session, as_json=as_json)
        return converge(session, cancel, manner) if running else 0


def _say(old: str, session: Session, *, as_json: bool, dry_run: bool = False) -> None:
    new, held = session.blueprint.generation.digest, session.blueprint.selection.held
    if as_json:
        output.show_json(generations.rollback_json(old, new, held, dry_run=dry_run))
    else:
        paint = output.paint_for_stdout()
        output.show(generations.rollback(old, new, held, dry_run=dry_run, paint=paint))

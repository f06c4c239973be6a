"""`gc`: remove what nothing uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bootstrap.cli import output
from bootstrap.cli.converge import Manner, holding
from bootstrap.cli.options import dry_run_option, json_option, open_session
from bootstrap.report import generations

if TYPE_CHECKING:
    from bootstrap.machine.unused import Findings


@click.command("gc")
@dry_run_option
@click.option("--yes", "-y", is_flag=True, help="Do not ask before removing.")
@json_option
def command(*, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Remove old environments, images and cache entries that nothing uses.

    The current environment and the one before it stay.
    """
    from bootstrap.machine.unused import find_unused

    session = open_session()
    if dry_run:
        found = find_unused(session.blueprint, session.host)
        _show(found, as_json=as_json)
        return
    with holding(session, "gc") as cancel:
        found = find_unused(session.blueprint, session.host)
        if not as_json:
            _show(found, as_json=False)
        if found.items:
            Manner(not yes, as_json, plain=True).confirm("Remove them?")
        said = found.remove(session.host, cancel)
    if as_json:
        output.show_json(generations.unused_json(found.items, (*found.notes, *said), removed=True))
    elif found.items or said:
        output.show(generations.freed(found.items, said, output.paint_for_stdout()))


def _show(found: Findings, *, as_json: bool) -> None:
    if as_json:
        output.show_json(generations.unused_json(found.items, found.notes, removed=False))
    else:
        output.show(generations.unused(found.items, found.notes, output.paint_for_stdout()))

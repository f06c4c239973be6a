"""`down`: stop the services."""

from __future__ import annotations

import click

from bootstrap.cli.options import course_option, open_session
from bootstrap.core.cancel import Cancel
from bootstrap.host import command as commands
from bootstrap.host.run_lock import run_lock


@click.command("down")
@course_option
@click.option("--volumes", is_flag=True, help="Delete the services' data and passwords too.")
@click.option("--dry-run", is_flag=True, help="Say what would be done.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before deleting data.")
def command(*, course: str | None, volumes: bool, dry_run: bool, yes: bool) -> None:
    """Stop and remove the services' containers. Their data stays unless --volumes is given."""
    from bootstrap.runtimes.docker.teardown import what_goes, without_data_too

    session = open_session(course=course)
    stack = session.blueprint.stack
    for line in what_goes(stack, session.view, volumes=volumes):
        click.echo(line, err=True)
    if dry_run:
        return
    if volumes and not yes:
        click.confirm("Delete the services' data for good?", abort=True, err=True)
    arguments = ("down", "--remove-orphans", *(("--volumes",) if volumes else ()))
    cancel = Cancel()
    with run_lock(session.view.paths.run, "mlops-bootstrap down"), cancel.on_signals():
        commands.check(stack.command(*arguments), cancel, lambda line: click.echo(line, err=True))
        if volumes:
            without_data_too(stack)

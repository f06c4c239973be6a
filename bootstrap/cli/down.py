"""`down`: stop the services."""

from __future__ import annotations

import click

from bootstrap.cli.options import course_option, open_session
from bootstrap.core.cancel import Cancel
from bootstrap.host.run_lock import run_lock


@click.command("down")
@course_option
@click.option("--volumes", is_flag=True, help="Delete the services' data and passwords too.")
@click.option("--dry-run", is_flag=True, help="Say what would be done.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before deleting data.")
def command(*, course: str | None, volumes: bool, dry_run: bool, yes: bool) -> None:
    """Stop the services, and remove their containers. Their data stay unless --volumes is given."""
    session = open_session(course=course)
    runtime = session.blueprint.runtime
    for line in runtime.what_goes(session.view, volumes=volumes):
        click.echo(line, err=True)
    if dry_run:
        return
    if volumes and not yes:
        click.confirm("Delete the services' data for good?", abort=True, err=True)
    cancel = Cancel()
    with run_lock(session.view.paths.run, "mlops-bootstrap down"), cancel.on_signals():
        runtime.take_down(
            session.host, cancel, lambda line: click.echo(line, err=True), volumes=volumes
        )

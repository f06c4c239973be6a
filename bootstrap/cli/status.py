"""`status`: what is on this machine now."""

from __future__ import annotations

from typing import Any

import click

from bootstrap.cli import output
from bootstrap.cli.options import course_option, json_option, open_session
from bootstrap.cli.plan import DRIFT
from bootstrap.report import as_json as json_report
from bootstrap.report import text

NOT_HEALTHY = 1


@click.command("status")
@course_option
@json_option
def command(*, as_json: bool, **chosen: Any) -> int:
    """Say what is on this machine now; exit 1 where a service is not healthy, 5 on drift."""
    from bootstrap.machine.status import status_of

    session = open_session(**chosen)
    status = status_of(session.blueprint, session.view)
    if as_json:
        output.show_json(json_report.status(status))
    else:
        output.show(text.status(status, output.paint_for_stdout()))
    if not status.healthy:
        return NOT_HEALTHY
    return DRIFT if status.drift else 0

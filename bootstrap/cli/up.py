"""`up`: bring this machine to what the course needs, and prove that it works."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

from bootstrap.cli import output
from bootstrap.cli.carry_out import carry_out, kind_of
from bootstrap.cli.options import Session, choosing, json_option, open_session, plain_option
from bootstrap.core.cancel import Cancel
from bootstrap.core.plan import Plan, make_plan
from bootstrap.host import sudo
from bootstrap.host.host import Host, HostView
from bootstrap.host.run_lock import run_lock
from bootstrap.machine.selection import save_selection
from bootstrap.report import as_json as json_report
from bootstrap.report import text

Steps = Plan[HostView, Host]

UNMET = 3
"""The exit code for a machine that does not meet the requirements; nothing was changed."""


@click.command("up")
@choosing
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--yes", "-y", is_flag=True, help="Never ask; fail where a password is needed.")
@json_option
@plain_option
def command(*, dry_run: bool, yes: bool, as_json: bool, plain: bool, **chosen: Any) -> int:
    """Bring this machine to what the course needs, and prove that it works."""
    started = time.monotonic()
    session = open_session(**chosen)
    if dry_run:
        return _show_plan(make_plan(session.blueprint.steps, session.view), as_json=as_json)
    cancel = Cancel()
    with cancel.on_signals(), run_lock(session.view.paths.run, "mlops-bootstrap up"):
        plan = make_plan(session.blueprint.steps, session.view)
        if plan.changes:
            if not _meets_requirements(plan, session, ask=not yes, as_json=as_json):
                return UNMET
            _ask_for_root(plan, session, cancel)
        save_selection(session.view.paths.config, session.blueprint.selection)
        if plan.changes:
            kind = kind_of(as_json=as_json, plain=plain)
            with sudo.keep_alive():
                code = carry_out(plan, session.view, session.host, cancel, kind)
            if code:
                return code
    _show_summary(session, plan, time.monotonic() - started, as_json=as_json)
    return 0


def _show_plan(plan: Steps, *, as_json: bool) -> int:
    if as_json:
        output.show_json(json_report.plan(plan))
    else:
        output.show(text.plan(plan, output.paint_for_stdout()))
    return 0


def _meets_requirements(plan: Steps, session: Session, *, ask: bool, as_json: bool) -> bool:
    """Say all that is wrong with the machine at once; whether a run can begin."""
    from bootstrap.machine.demands import needs_of
    from bootstrap.preflight import preflight

    needs = needs_of(plan, session.blueprint, session.view, ask=ask)
    found = preflight(needs)
    if found and as_json:
        output.show_json(json_report.problems(found))
    elif found:
        sys.stderr.write(text.problems(found, output.paint_for_stderr()) + "\n\n")
    return not any(problem.fatal for problem in found)


def _ask_for_root(plan: Steps, session: Session, cancel: Cancel) -> None:
    from bootstrap.machine.demands import root_commands

    lines = root_commands(plan, session.view)
    sudo.ask(lines, lambda line: click.echo(line, err=True), cancel)


def _show_summary(session: Session, plan: Steps, seconds: float, *, as_json: bool) -> None:
    from bootstrap.machine.summary import summary_of

    summary = summary_of(session.blueprint, session.view, plan, seconds)
    if as_json:
        output.show_json(json_report.summary(summary))
    else:
        output.show(text.summary(summary, output.paint_for_stdout()))

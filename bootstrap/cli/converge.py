"""What `up`, `update` and `rollback` share: a machine is brought to what a session says."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import click

from bootstrap.cli import output
from bootstrap.cli.carry_out import Kind, carry_out, kind_of
from bootstrap.cli.options import Session
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


@dataclass(frozen=True)
class Manner:
    """How a command talks: whether it may ask, and in what form it reports; started is when it
    began, on the monotonic clock."""

    ask: bool
    as_json: bool
    plain: bool
    started: float = field(default_factory=time.monotonic)

    @property
    def kind(self) -> Kind:
        """The renderer for the events of a run."""
        return kind_of(as_json=self.as_json, plain=self.plain)

    def confirm(self, question: str) -> None:
        """Ask on a terminal, unless nobody is to be asked. Raises click.Abort for a no."""
        if self.ask and sys.stdin.isatty():
            click.confirm(question, abort=True, err=True)


@contextmanager
def holding(session: Session, command: str) -> Iterator[Cancel]:
    """Hold the machine's lock for a command, and cancel on signals, while inside."""
    cancel = Cancel()
    with cancel.on_signals(), run_lock(session.view.paths.run, f"mlops-bootstrap {command}"):
        yield cancel


def converge(session: Session, cancel: Cancel, manner: Manner) -> int:
    """Bring the machine to what the session says, prove that it works and sum it up.

    Gives the exit code. The machine's lock has to be held.
    """
    _say_runtime(session)
    plan = make_plan(session.blueprint.steps, session.view)
    if plan.changes:
        if not _meets_requirements(plan, session, manner):
            return UNMET
        _ask_for_root(plan, session, cancel)
    save_selection(session.view.paths.config, session.blueprint.remembered)
    if plan.changes:
        with sudo.keep_alive():
            code = carry_out(plan, session.view, session.host, cancel, manner.kind)
        if code:
            return code
    _show_summary(session, plan, manner)
    return 0


def show_plan(session: Session, *, as_json: bool) -> Steps:
    """Say what `up` would change; gives the plan."""
    _say_runtime(session)
    plan = make_plan(session.blueprint.steps, session.view)
    held = session.blueprint.selection.held
    if as_json:
        output.show_json(json_report.plan(plan, held))
    else:
        output.show(text.plan(plan, output.paint_for_stdout(), held))
    return plan


def _say_runtime(session: Session) -> None:
    """Say why it is not Docker, where nobody asked for another runtime."""
    if session.blueprint.choice.why:
        click.echo(str(session.blueprint.choice), err=True)


def _meets_requirements(plan: Steps, session: Session, manner: Manner) -> bool:
    """Say all that is wrong with the machine at once; whether a run can begin."""
    from bootstrap.machine.demands import needs_of
    from bootstrap.preflight import preflight

    needs = needs_of(plan, session.blueprint, session.view, ask=manner.ask)
    found = preflight(needs)
    if found and manner.as_json:
        output.show_json(json_report.problems(found))
    elif found:
        sys.stderr.write(text.problems(found, output.paint_for_stderr()) + "\n\n")
    return not any(problem.fatal for problem in found)


def _ask_for_root(plan: Steps, session: Session, cancel: Cancel) -> None:
    from bootstrap.machine.demands import root_commands

    lines = root_commands(plan, session.view)
    sudo.ask(lines, lambda line: click.echo(line, err=True), cancel)


def _show_summary(session: Session, plan: Steps, manner: Manner) -> None:
    from bootstrap.machine.summary import summary_of

    seconds = time.monotonic() - manner.started
    summary = summary_of(session.blueprint, session.view, plan, seconds)
    if manner.as_json:
        output.show_json(json_report.summary(summary))
    else:
        output.show(text.summary(summary, output.paint_for_stdout()))

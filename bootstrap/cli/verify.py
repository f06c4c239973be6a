"""`verify`: proof that this machine works."""

from __future__ import annotations

from typing import Any

import click

from bootstrap.cli import output
from bootstrap.cli.options import course_option, json_option, open_session
from bootstrap.verify.check import Area


@click.command("verify")
@click.option("--module", type=int, metavar="N", help="Only what module N of the course needs.")
@click.option(
    "--only",
    type=click.Choice([area.value for area in Area]),
    multiple=True,
    help="Only the checks of this area, and those that they need.",
)
@click.option("--deep", is_flag=True, help="Every file of the environment, too.")
@course_option
@json_option
def command(
    *, module: int | None, only: tuple[str, ...], deep: bool, as_json: bool, **chosen: Any
) -> int:
    """Prove that this machine works; exit 1 where a check fails, 3 where only the machine does."""
    from bootstrap.core.cancel import Cancel
    from bootstrap.verify import report
    from bootstrap.verify.run import run
    from bootstrap.verify.verification import Asked, checks_for, exit_code, subject_of

    session = open_session(**chosen)
    asked = Asked(tuple(map(Area, only)), module, deep)
    checks = checks_for(session.blueprint.loaded.course, asked)
    cancel = Cancel()
    with (
        cancel.on_signals(),
        subject_of(session.blueprint, session.view, session.host, cancel, deep=deep) as subject,
    ):
        results = run(checks, subject)
    if as_json:
        output.show_json(report.as_json(session.blueprint.loaded.course, results))
    for result in results if not as_json else ():
        output.show(f"{result.outcome:8} {result.check.code:30} {result.finding.found}")
    return exit_code(results)

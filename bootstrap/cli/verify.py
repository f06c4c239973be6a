"""`verify`: proof that this machine works."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bootstrap.cli import output
from bootstrap.cli.options import Session, course_option, file_option, json_option, open_session
from bootstrap.core.errors import Interrupted
from bootstrap.verify.check import Area, Extra

if TYPE_CHECKING:
    from bootstrap.verify.reporting import Verified
    from bootstrap.verify.signature import Secret
    from bootstrap.verify.verification import Asked


@click.command("verify")
@click.option("--module", type=int, metavar="N", help="Only what module N of the course needs.")
@click.option(
    "--only",
    type=click.Choice([area.value for area in Area]),
    multiple=True,
    help="Only the checks of this area, and those that they need.",
)
@click.option("--deep", is_flag=True, help="Read every file of the environment, too.")
@click.option("--imports", is_flag=True, help="Import every module of the environment, too.")
@file_option("--report", "Write the report as JSON, for `cohort`.")
@file_option("--html", "Write the report as a page.")
@file_option("--junit", "Write the results as JUnit XML, for CI.")
@file_option("--sign-with", "Sign the report with the secret in this file.")
@course_option
@json_option
def command(
    *,
    module: int | None,
    only: tuple[str, ...],
    deep: bool,
    imports: bool,
    sign_with: Path | None,
    as_json: bool,
    **others: Any,
) -> int:
    """Prove that this machine works; exit 1 where a check fails, 3 where only the machine does."""
    from bootstrap.report.outputs import check_outputs
    from bootstrap.verify.signature import read_secret
    from bootstrap.verify.verification import Asked, exit_code

    files = check_outputs({f"--{name}": others.pop(name) for name in ("report", "html", "junit")})
    asked_for = {Extra.DEEP: deep, Extra.IMPORTS: imports}
    extras = tuple(extra for extra, wanted in asked_for.items() if wanted)
    secret = read_secret(sign_with) if sign_with else None
    session = open_session(**others)
    done = _verified(session, Asked(tuple(map(Area, only)), module, extras), quiet=as_json)
    if as_json or files:
        document = _document(session, done, secret)
    if as_json:
        output.show_json(document)
    else:
        _show_table(done)
    for option, file in files.items():
        _write(option, file, document)
    return exit_code(done.results)


def _verified(session: Session, asked: Asked, *, quiet: bool) -> Verified:
    """Carry the checks out before the eyes of whoever asked."""
    from bootstrap.core.cancel import Cancel
    from bootstrap.report.checks.display import display
    from bootstrap.verify.reporting import verify
    from bootstrap.verify.verification import checks_for, subject_of

    view, cancel = session.view, Cancel()
    checks = checks_for(session.blueprint.loaded.course, asked)
    with (
        cancel.on_signals(),
        subject_of(session.blueprint, view, session.host, cancel) as subject,
        display(checks, sys.stderr, os.environ, quiet=quiet) as shown,
    ):
        try:
            return verify(subject, checks, asked, started=shown.started, ended=shown.ended)
        except Interrupted as interrupted:
            interrupted.remedy = "run `mlops-bootstrap verify` again: it begins anew"
            raise


def _document(session: Session, done: Verified, secret: Secret | None) -> dict[str, Any]:
    """The report, without what is personal, signed where there is a secret."""
    from bootstrap.report import clean
    from bootstrap.report.redact import Redactor
    from bootstrap.verify.reporting import report_of

    course = done.blueprint.loaded.course
    redactor = Redactor.of(session.view, (course.name, course.repository.url))
    report = report_of(done, lambda text: redactor.text("\n".join(clean.lines(text)))).document()
    return secret.sign(report) if secret else report


def _show_table(done: Verified) -> None:
    from bootstrap.report.checks.table import table
    from bootstrap.verify import maturity
    from bootstrap.verify.reporting import checks_of

    # On the student's own screen nothing is taken out: remedies can be pasted as they are.
    results = checks_of(done, str)
    paint, width = output.paint_for_stdout(), output.stdout_width()
    output.show(table(results, done.seconds, paint, width))
    if not done.asked.partial:
        output.show("\n" + maturity.as_text(maturity.of_results(done.results), paint))


def _write(option: str, file: Path, document: dict[str, Any]) -> None:
    import json

    from bootstrap.host.files import write_atomically

    if option == "--report":
        content = json.dumps(document, indent=1).encode() + b"\n"
    elif option == "--html":
        from bootstrap.report.pages.page import report_page

        content = report_page(document)
    else:
        from bootstrap.report.checks.junit import junit

        content = junit(document)
    write_atomically(file, content)
    signed = "" if document["signature"] else ", not signed"
    click.echo(f"wrote {file}{signed if option != '--junit' else ''}", err=True)

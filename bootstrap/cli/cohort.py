"""`cohort`: the reports of a class at a glance."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from bootstrap.cli import output
from bootstrap.cli.options import course_option, file_option, json_option


@click.command("cohort")
@click.argument(
    "reports",
    nargs=-1,
    required=True,
    metavar="REPORT...",
    type=click.Path(exists=True, path_type=Path),
)
@file_option("--html", "Write the class as a page.")
@file_option("--csv", "Write a row a student for a spreadsheet.")
@file_option("--signed-with", "Check signatures with the secret in this file.")
@course_option
@json_option
def command(
    *,
    reports: tuple[Path, ...],
    html: Path | None,
    csv: Path | None,
    signed_with: Path | None,
    course: str | None,
    as_json: bool,
) -> None:
    """Count what fails in the REPORTs of a class: files of `verify --report`, or their folders."""
    from bootstrap.cohort.cohort import cohort
    from bootstrap.cohort.collect import collect
    from bootstrap.report.cohort import text
    from bootstrap.report.outputs import check_outputs
    from bootstrap.verify.signature import read_secret

    files = check_outputs({"--html": html, "--csv": csv})
    entries, left_out = collect(reports, read_secret(signed_with) if signed_with else None)
    class_ = cohort(entries, left_out, _locked(course) if course else "")
    if as_json:
        output.show_json(class_)
    else:
        output.show(text.cohort(class_, output.paint_for_stdout()))
    if left_out:
        click.echo(text.warnings(class_["left_out"], output.paint_for_stderr()), err=True)
    for option, file in files.items():
        _write(option, file, class_)


def _locked(course: str) -> str:
    from bootstrap.cohort.locked import locked_fingerprint

    return locked_fingerprint(course, os.environ)


def _write(option: str, file: Path, class_: dict[str, Any]) -> None:
    from bootstrap.host.files import write_atomically

    if option == "--html":
        from bootstrap.report.pages.page import cohort_page

        content = cohort_page(class_)
    else:
        from bootstrap.report.cohort.sheet import sheet

        content = sheet(class_)
    write_atomically(file, content)
    click.echo(f"wrote {file}", err=True)

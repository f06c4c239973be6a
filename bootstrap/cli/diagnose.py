"""`diagnose`: a support bundle, for somebody who helps."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bootstrap.cli import output
from bootstrap.cli.options import course_option, open_session
from bootstrap.core.errors import BootstrapError, Interrupted

if TYPE_CHECKING:
    from bootstrap.machine.blueprint import Blueprint

DEFAULT = "mlops-bootstrap-support.tar.gz"


def _archive_name(_: click.Context, param: click.Parameter, value: Path) -> Path:
    if not value.name.endswith((".tar.gz", ".tgz")):
        raise click.BadParameter(f"{value} has to end in .tar.gz", param=param)
    return value


@click.command("diagnose")
@click.option(
    "--output",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=DEFAULT,
    show_default=True,
    callback=_archive_name,
    help="Where to write it: a .tar.gz.",
)
@click.option("--dry-run", is_flag=True, help="Say what it would hold, and write nothing.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before collecting.")
@course_option
def command(*, file: Path, dry_run: bool, yes: bool, course: str | None) -> None:
    """Write a support bundle: what somebody who helps wants to see, without what is private."""
    from bootstrap.cli.converge import Manner
    from bootstrap.core.cancel import Cancel
    from bootstrap.host.files import write_atomically
    from bootstrap.host.host import this_machine
    from bootstrap.report import support
    from bootstrap.support import bundle
    from bootstrap.support.collect import collect
    from bootstrap.support.hide import hide_for
    from bootstrap.support.part import Scene
    from bootstrap.support.parts import PARTS

    listed = [(bundle.CONTENTS, bundle.ABOUT), *((part.name, part.what) for part in PARTS)]
    output.show(support.listing(str(file), listed, output.paint_for_stdout(), dry_run=dry_run))
    if dry_run:
        return
    Manner(not yes, as_json=False, plain=True).confirm("Collect and write it?")
    click.echo("Collecting: half a minute, longer where something hangs.", err=True)
    view, host = this_machine(os.environ)
    cancel, moment = Cancel(), time.time()
    with cancel.on_signals():
        scene = Scene(view, host, cancel, _drawn(course))
        found = collect(PARTS, scene)
    content = bundle.archive(bundle.files(PARTS, found, hide_for(scene), moment), moment)
    write_atomically(file, content, 0o600)
    missing = bundle.missing(PARTS, found)
    output.show(support.written(str(file), len(content), missing, output.paint_for_stdout()))


def _drawn(course: str | None) -> Blueprint | BootstrapError:
    """The course on this machine, or why there is none."""
    try:
        return open_session(course=course).blueprint
    except Interrupted:
        raise
    except BootstrapError as error:
        return error
    except Exception as defect:  # noqa: BLE001 - a bundle is wanted all the more then
        return BootstrapError("E-INTERNAL", f"{type(defect).__name__}: {defect}")

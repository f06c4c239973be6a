"""`lock prove`: a lock counts when what it locks has been installed, started and used."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click

from bootstrap.cli import output
from bootstrap.cli.options import (
    course_option,
    json_option,
    open_session,
    plain_option,
    source_option,
)


@click.command("prove")
@course_option
@source_option
@click.option(
    "--output",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the record here, not beside the locks.",
)
@json_option
@plain_option
def command(
    *, course: str | None, source: str | None, file: Path | None, as_json: bool, plain: bool
) -> int:
    """Install the locks anew, start and use what they lock, and record it in proof.json."""
    # Imported here: the help of `lock` needs none of it.
    from bootstrap.cli.carry_out import carry_out, kind_of
    from bootstrap.core.cancel import Cancel
    from bootstrap.core.plan import make_plan
    from bootstrap.host.run_lock import run_lock
    from bootstrap.machine.blueprint import this_arch
    from bootstrap.proof import record
    from bootstrap.proof.steps import proof_steps
    from bootstrap.proof.workplace import workplace

    started = time.monotonic()
    session = open_session(course=course, source=source)
    loaded, view = session.blueprint.loaded, session.view
    target = (file or loaded.directory / record.FILE).absolute()
    record.check_writable(target)
    cancel = Cancel()
    # The lock: an `up` at the same time would have its caches swept and changed under it.
    with (
        cancel.on_signals(),
        run_lock(view.paths.run, "mlops-bootstrap lock prove"),
        workplace(loaded, this_arch(), view.paths) as place,
    ):
        plan = make_plan(proof_steps(loaded, place, session.blueprint.source, target), view)
        kind = kind_of(as_json=as_json, plain=plain)
        code = carry_out(plan, view, session.host, cancel, kind)
    _show(target, code, time.monotonic() - started, as_json=as_json)
    return code


def _show(target: Path, code: int, seconds: float, *, as_json: bool) -> None:
    from bootstrap.proof.record import older
    from bootstrap.report import units

    if code == 0 and as_json:
        output.show_json(json.loads(target.read_bytes()))
    elif code == 0:
        output.show(f"Proven, {units.duration(seconds)}.\n\n  record  {target}")
    else:
        before = older(target)
        kept = f"; the record of {before} is kept: {target}" if before else ""
        sys.stderr.write(f"Not proven: no record was written{kept}\n")

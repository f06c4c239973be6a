"""`lock`: makes the locks of a course, or checks them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from bootstrap.cli import output, prove
from bootstrap.cli.options import course_option, json_option, source_option
from bootstrap.cli.plan import DRIFT
from bootstrap.core.cancel import Cancel

if TYPE_CHECKING:
    from bootstrap.course.load import LoadedCourse
    from bootstrap.locking.make import Request


class DateParam(click.ParamType["datetime"]):
    """A date, or a date and time with its offset (RFC 3339)."""

    name = "DATE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read it; one without an offset is in UTC, a date alone is its beginning."""
        try:
            read = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no date, such as 2026-06-15", param, ctx)
        return read if read.tzinfo else read.replace(tzinfo=UTC)


@click.group("lock", invoke_without_command=True)
@course_option
@source_option
@click.option(
    "--platform", "platforms", metavar="PLATFORM", multiple=True,
    help="Lock for this platform (linux-64, linux-aarch64); again for more. Default: the course's.",
)  # fmt: skip
@click.option("--check", is_flag=True, help="Write nothing; exit 5 where a lock does not answer.")
@click.option(
    "--update", metavar="PACKAGE", multiple=True,
    help="Change only this package and what it needs changed; again for more. Default: all.",
)  # fmt: skip
@click.option("--exclude-newer", type=DateParam(), help="Leave out what was published after it.")
@click.option(
    "--repodata", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Solve conda packages offline, from SUBDIR/repodata.json in this folder.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@json_option
@click.pass_context
def command(  # noqa: PLR0913 - an argument for each option
    ctx: click.Context,
    *,
    course: str | None,
    source: str | None,
    platforms: tuple[str, ...],
    check: bool,
    update: tuple[str, ...],
    exclude_newer: datetime | None,
    repodata: Path | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Make the locks of a course anew out of its specifications."""
    if ctx.invoked_subcommand:
        _refuse_options(ctx)
        return 0
    if check:
        return _check(course, platforms, as_json=as_json)
    from bootstrap.course.model import SUBDIRS
    from bootstrap.locking.conda import Channels
    from bootstrap.locking.make import Request
    from bootstrap.sources.source import UPSTREAM, Source

    loaded = _read(course)
    request = Request(
        platforms=platforms or tuple(SUBDIRS[arch] for arch in loaded.course.requirements.arch),
        channels=Channels(Source.parse(source or UPSTREAM), repodata),
        update=tuple(name.lower() for name in update),
        exclude_newer=exclude_newer,
    )
    return _make(loaded, request, dry_run=dry_run, as_json=as_json)


def _refuse_options(ctx: click.Context) -> None:
    """An option in front of a sub-command would be lost in silence."""
    given = [
        param.opts[0]
        for param in ctx.command.params
        if param.name and ctx.get_parameter_source(param.name) is ParameterSource.COMMANDLINE
    ]
    if given:
        sub = ctx.invoked_subcommand
        raise click.UsageError(f"{', '.join(given)} goes behind `{sub}`, not in front of it", ctx)


def _read(course: str | None) -> LoadedCourse:
    from bootstrap.course.load import read_course
    from bootstrap.course.locate import find_course

    return read_course(find_course(course, os.environ))


def _check(course: str | None, platforms: tuple[str, ...], *, as_json: bool) -> int:
    from bootstrap.course.load import load_course
    from bootstrap.course.locate import find_course
    from bootstrap.locking.check import check_locks
    from bootstrap.proof.record import proven
    from bootstrap.report import locks

    loaded = load_course(find_course(course, os.environ))
    findings, proof = check_locks(loaded, platforms), proven(loaded)
    if as_json:
        output.show_json(locks.checked_json(findings, proof))
    else:
        output.show(locks.checked(findings, proof, paint=output.paint_for_stdout()))
    return DRIFT if findings else 0


def _make(loaded: LoadedCourse, request: Request, *, dry_run: bool, as_json: bool) -> int:
    from bootstrap.host.paths import Paths
    from bootstrap.locking.make import make_locks
    from bootstrap.locking.wheels import Resolver
    from bootstrap.report import locks

    cancel = Cancel()
    with cancel.on_signals():
        cache = Paths.of(os.environ).cache / "uv"
        resolver = Resolver(os.environ, cache, cancel)
        made = make_locks(loaded, request, resolver, lambda line: click.echo(line, err=True))
        written = [] if dry_run else [str(path) for path in made.write()]
    if as_json:
        output.show_json(locks.made_json(made.changes, made.sizes, written))
    else:
        width, paint = output.stdout_width(), output.paint_for_stdout()
        output.show(locks.made(made.changes, made.sizes, written, width=width, paint=paint))
    return 0


command.add_command(prove.command)

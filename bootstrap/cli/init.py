"""`init`: the files that a course of one's own begins with."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from bootstrap.cli import output
from bootstrap.course.forms import Commit, RepositoryUrl, Slug, Title
from bootstrap.report import text


class FormParam(click.ParamType["str"]):
    """Text as a course file may hold it."""

    def __init__(self, name: str, form: Any) -> None:
        self.name = name
        self._form = form

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the text back, or fail with what a course file would be told."""
        try:
            return str(TypeAdapter(self._form).validate_python(value))
        except ValidationError as error:
            (problem,) = error.errors()
            self.fail(problem["msg"].removeprefix("Value error, "), param, ctx)


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--name", type=FormParam("NAME", Slug), help="Short name. Default: the folder's.")
@click.option(
    "--title",
    type=FormParam("TITLE", Title),
    help="Name for people. Default: NAME, or the folder's.",
)
@click.option(
    "--repository",
    "url",
    type=FormParam("URL", RepositoryUrl),
    help="Repository of the course, with --commit. Default: MLOps Zoomcamp's.",
)
@click.option(
    "--commit", type=FormParam("SHA", Commit), help="Its commit, in full: 40 hexadecimal digits."
)
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
def command(
    *,
    folder: Path,
    name: str | None,
    title: str | None,
    url: str | None,
    commit: str | None,
    dry_run: bool,
) -> None:
    """Begin a course of your own in FOLDER, here by default; nothing there is overwritten."""
    from bootstrap.course import skeleton
    from bootstrap.course.load import read_course
    from bootstrap.course.locate import DEFAULT_COURSE, shipped_courses

    if url and not commit:
        raise click.UsageError(
            "--repository needs --commit, for a branch can move:"
            f" `git ls-remote {shlex.quote(url)} HEAD` prints the newest."
        )
    shipped = read_course(shipped_courses()[DEFAULT_COURSE])
    repository = shipped.course.repository
    identity = skeleton.Identity(
        name=name or skeleton.name_for(folder),
        title=title or name or skeleton.title_for(folder),
        url=url or repository.url,
        commit=commit or repository.commit,
    )
    files = skeleton.skeleton(identity, shipped)
    if dry_run:
        skeleton.check_free(folder, files)
    else:
        skeleton.write_skeleton(folder, files)
    todo = [] if url else ["put your repository into course.yml: it has the shipped course's"]
    output.show(_said(folder, identity.name, files, todo, dry_run=dry_run))


def _said(folder: Path, name: str, files: Iterable[str], todo: list[str], *, dry_run: bool) -> str:
    # A name alone could be one of a shipped course, or look like an option.
    place = str(folder) if os.sep in str(folder) or folder == Path() else f".{os.sep}{folder}"
    chosen = f"--course {shlex.quote(place)}"
    head = f"{'Would begin' if dry_run else 'Began'} the course {name} in {place}."
    pairs = [("would write" if dry_run else "wrote", file) for file in files]
    todo = [
        *todo,
        "write what the lessons need into environment.yml and requirements.in",
        f"mlops-bootstrap lock {chosen}",
        f"mlops-bootstrap lock prove {chosen}",
        f"mlops-bootstrap up {chosen}",
    ]
    pairs += [("to do", line) for line in todo]
    return "\n".join([head, "", *text.columns(pairs)])

"""`export`: the course as files for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bootstrap.cli import output
from bootstrap.cli.options import course_option, open_session, platform_option
from bootstrap.cli.plan import DRIFT
from bootstrap.course.locate import shipped_courses
from bootstrap.course.model import SUBDIRS
from bootstrap.export.origin import Origin
from bootstrap.export.staleness import differences, folder_differences
from bootstrap.export.subject import Subject, read_subject
from bootstrap.export.targets import FILES, FOLDERS, TARGETS
from bootstrap.host.files import write_atomically
from bootstrap.machine.blueprint import this_arch

if TYPE_CHECKING:
    from bootstrap.course.load import LoadedCourse


@click.command("export")
@click.argument("target", type=click.Choice(TARGETS))
@course_option
@platform_option
@click.option(
    "--tool",
    metavar="URL@COMMIT",
    help="Where machines get this tool from, for github-action, gitlab-ci and cloud-init."
    " Default: where this installation came from.",
)
@click.option(
    "--output",
    "file",
    type=click.Path(path_type=Path),
    help="Write to a file instead of stdout; devcontainer: to another folder than .devcontainer.",
)
@click.option(
    "--check",
    "checked",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write nothing; exit 5 where FILE is not what an export would be now.",
)
def command(
    *,
    target: str,
    course: str | None,
    platform: str | None,
    tool: str | None,
    file: Path | None,
    checked: Path | None,
) -> int:
    """Write the course as a file for another tool, pinned as the course is."""
    if file and checked:
        raise click.UsageError("--check writes nothing, so it goes without --output")
    subject = _subject(course, platform, tool)
    if target in FOLDERS:
        usual, files = FOLDERS[target]
        wanted = files(subject)
        return _check_folder(checked, wanted) if checked else _write(file or Path(usual), wanted)
    text = FILES[target](subject)
    if checked:
        return _check(checked, text)
    if file:
        return _write(file.parent, {file.name: text})
    output.show(text.removesuffix("\n"))
    return 0


def _subject(course: str | None, platform: str | None, tool: str | None) -> Subject:
    loaded = open_session(course=course).blueprint.loaded
    return read_subject(
        loaded,
        platform or SUBDIRS[this_arch()],
        shipped=loaded.path in shipped_courses().values(),
        course_file=_below_here(loaded),
        origin=Origin.parse(tool) if tool else Origin.of_installation(),
    )


def _below_here(loaded: LoadedCourse) -> str:
    """The course file's path from the current folder, empty where it is not below it."""
    path, here = loaded.path.resolve(), Path.cwd().resolve()
    return str(path.relative_to(here)) if path.is_relative_to(here) else ""


def _write(folder: Path, files: dict[str, str]) -> int:
    for name, text in files.items():
        write_atomically(folder / name, text.encode())
    click.echo(f"wrote {', '.join(str(folder / name) for name in files)}", err=True)
    return 0


def _check(path: Path, wanted: str) -> int:
    return _verdict({str(path): lines} if (lines := differences(path, wanted)) else {})


def _check_folder(folder: Path, wanted: dict[str, str]) -> int:
    found = folder_differences(folder, wanted)
    return _verdict({str(folder / name): lines for name, lines in found.items()})


def _verdict(stale: dict[str, list[str]]) -> int:
    """Say what is stale; gives the exit code."""
    for path, lines in stale.items():
        output.show("\n".join([f"{path} is stale: export it again", *lines]))
    if not stale:
        output.show("Up to date.")
    return DRIFT if stale else 0

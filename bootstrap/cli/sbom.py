"""`sbom`: the bill of materials of the course environment."""

from __future__ import annotations

from pathlib import Path

import click

from bootstrap.cli import output
from bootstrap.cli.options import course_option, open_session
from bootstrap.course.model import SUBDIRS
from bootstrap.machine.blueprint import this_arch


@click.command("sbom")
@course_option
@click.option(
    "--platform",
    "platforms",
    type=click.Choice(list(SUBDIRS.values())),
    multiple=True,
    help="For this kind of machine instead of this one's; more than once for several.",
)
@click.option(
    "--format",
    "_format",
    type=click.Choice(["cyclonedx-json"]),
    default="cyclonedx-json",
    show_default=True,
    help="Format of the document.",
)
@click.option(
    "--output",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to a file instead of stdout.",
)
def command(
    *, course: str | None, platforms: tuple[str, ...], _format: str, file: Path | None
) -> None:
    """List what the course environment is made of, from its locks alone (SBOM, CycloneDX 1.6)."""
    from bootstrap.course.sbom import moment_in, sbom_text
    from bootstrap.host.files import write_atomically

    session = open_session(course=course)
    chosen = platforms or (SUBDIRS[this_arch()],)
    moment = moment_in(session.view.environ)
    text = sbom_text(session.blueprint.loaded, chosen, moment)
    if file:
        write_atomically(file, text.encode())
    else:
        output.show(text.rstrip("\n"))

"""`image build`: an image out of the locks, the same bytes whenever and wherever it is made."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bootstrap.cli import output
from bootstrap.cli.options import (
    course_option,
    json_option,
    open_session,
    plain_option,
    platform_option,
    source_option,
)
from bootstrap.core.errors import UsageError
from bootstrap.course.model import SUBDIRS
from bootstrap.images.targets import CI, PREDICTOR, TARGETS

if TYPE_CHECKING:
    from bootstrap.cli.options import Session
    from bootstrap.export.subject import Subject
    from bootstrap.images.build import Wanted
    from bootstrap.images.image import Built
    from bootstrap.images.model import ModelWanted


@click.command("build")
@course_option
@source_option
@click.option(
    "--target",
    type=click.Choice(TARGETS),
    default=CI,
    show_default=True,
    help="What the image is for.",
)
@platform_option
@click.option(
    "--tag",
    "tags",
    metavar="NAME[:TAG]",
    multiple=True,
    help="Name of the image; again for more. Default: COURSE:TARGET.",
)
@click.option("--model", metavar="URI", help="What a predictor holds: models:/NAME/VERSION.")
@click.option("--push", is_flag=True, help="Send it to the registry that its names name.")
@click.option(
    "--output",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write it as an OCI layout, and nowhere else unless --push.",
)
@json_option
@plain_option
def command(  # noqa: PLR0913 - one for each option
    *,
    course: str | None,
    source: str | None,
    target: str,
    platform: str | None,
    tags: tuple[str, ...],
    model: str | None,
    push: bool,
    folder: Path | None,
    as_json: bool,
    plain: bool,
) -> int:
    """Make an image whose environment comes from the locks; load it into Docker Engine."""
    # Imported here: the help of `image` needs none of it.
    from bootstrap.cli.carry_out import carry_out, kind_of
    from bootstrap.core.cancel import Cancel
    from bootstrap.core.plan import make_plan
    from bootstrap.host.run_lock import run_lock
    from bootstrap.images.build import build_steps, order
    from bootstrap.machine.blueprint import this_arch

    started = time.monotonic()
    session = open_session(course=course, source=source)
    view, cancel = session.view, Cancel()
    subject = subject_for(session, platform)
    wanted = _wanted(session, tags, target, push=push, folder=folder)
    asked = _model(session, target, model)
    moment = moment_for(session)
    with (
        cancel.on_signals(),
        run_lock(view.paths.run, "mlops-bootstrap image build"),
        order(target, subject, view.paths, this_arch(), moment, asked) as made,
    ):
        image, parts = build_steps(made, session.blueprint.source, wanted)
        plan = make_plan(parts, view)
        code = carry_out(plan, view, session.host, cancel, kind_of(as_json=as_json, plain=plain))
        where = made.layout.folder
    if image.built and code == 0:
        _show(image.built, wanted, where, time.monotonic() - started, as_json=as_json)
    return code


def subject_for(session: Session, platform: str | None) -> Subject:
    """The course for a platform, this machine's where none is named.

    Raises UsageError: E-LOCK-PLATFORM and others of read_subject().
    """
    from bootstrap.export.subject import read_subject
    from bootstrap.machine.blueprint import this_arch

    return read_subject(
        session.blueprint.loaded,
        platform or SUBDIRS[this_arch()],
        shipped=False,
        course_file="",
        origin=None,
    )


def moment_for(session: Session) -> int:
    """The time of everything in an image, in seconds since 1970. Raises UsageError E-VARIABLE."""
    from bootstrap.course.sbom import moment_in
    from bootstrap.images.image import MOMENT

    said = moment_in(session.view.environ)
    return int(said.timestamp()) if said else MOMENT


def _wanted(
    session: Session, tags: tuple[str, ...], target: str, *, push: bool, folder: Path | None
) -> Wanted:
    """Where the image goes. Raises UsageError E-IMAGE-NAME."""
    from bootstrap.course.images import ImageName
    from bootstrap.host.docker_view import Reach
    from bootstrap.images.build import Wanted

    names = []
    for name in tags or (f"{session.blueprint.loaded.course.name}:{target}",):
        try:
            named = ImageName.parse(name)
        except ValueError as error:
            raise _bad_name(str(error)) from None
        if named.digest:
            raise _bad_name(f"{name} has a digest, which an image gets when it is made")
        names.append(name if name.endswith(f":{named.tag}") else f"{name}:{named.tag}")
    if push and not tags:
        raise _bad_name("nothing says where to push the image")
    here = folder is None and not push
    return Wanted(names, here and session.view.engine.reach() is Reach.ANSWERS, folder, push)


def _bad_name(why: str) -> UsageError:
    return UsageError(
        "E-IMAGE-NAME", why, where="--tag", remedy="give REGISTRY/REPOSITORY:TAG, or NAME:TAG"
    )


def _model(session: Session, target: str, uri: str | None) -> ModelWanted | None:
    """The model of a predictor. Raises click.UsageError where that and --model do not agree."""
    if (target == PREDICTOR) != bool(uri):
        raise click.UsageError(f"--target {PREDICTOR} and --model go together")
    return model_wanted(session, uri) if uri else None


def model_wanted(session: Session, uri: str) -> ModelWanted:
    """A model in the MLflow that MLFLOW_TRACKING_URI names, or else in this machine's.

    Raises UsageError E-IMAGE-MODEL where there is neither.
    """
    from bootstrap.images.model import ModelWanted
    from bootstrap.machine.blueprint import service_variables

    variable = "MLFLOW_TRACKING_URI"
    ours = service_variables(session.blueprint.runtime)
    tracking = session.view.environ.get(variable) or ours.get(variable)
    if not tracking:
        raise UsageError(
            "E-IMAGE-MODEL", "the course has no MLflow to take a model from", where="--model",
            remedy=f"set {variable} to the address of one",
        )  # fmt: skip
    return ModelWanted(uri, tracking)


def _show(built: Built, wanted: Wanted, layout: Path, seconds: float, *, as_json: bool) -> None:
    if as_json:
        output.show_json(document(built, wanted))
        return
    from bootstrap.report import units

    known = {
        "Docker Engine": wanted.engine,
        "its registry": wanted.push,
        str(wanted.folder): wanted.folder,
    }
    places = [place for place, chosen in known.items() if chosen]
    lines = [
        f"Built, {units.duration(seconds)}.\n",
        f"  image   {', '.join(wanted.names)}",
        f"  digest  {built.manifest.digest}",
        f"  size    {units.size(built.size)} in {len(built.layers)} layers",
        f"  in      {', '.join(places) or layout}",
    ]
    if wanted.engine:
        lines.append(
            f"  try     docker run --rm {wanted.names[0]} mlops-bootstrap verify --only environment"
        )
    elif not places:
        lines.append("  to do   no engine answers: it is an OCI layout; use --push or --output")
    output.show("\n".join(lines))


def document(built: Built, wanted: Wanted) -> dict[str, Any]:
    """What was built, for programs."""
    return {
        "names": list(wanted.names),
        "digest": built.manifest.digest,
        "id": built.config.digest,
        "size": built.size,
        "sbom": built.sbom.digest,
        "layers": [
            {
                "digest": layer.descriptor.digest,
                "size": layer.descriptor.size,
                "diff_id": layer.diff_id,
                "comment": layer.comment,
            }
            for layer in built.layers
        ],
    }

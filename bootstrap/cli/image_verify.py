"""`image verify`: whether an image is the one that the course's locks make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bootstrap.cli import output
from bootstrap.cli.image_build import model_wanted, subject_for
from bootstrap.cli.options import (
    course_option,
    json_option,
    open_session,
    plain_option,
    source_option,
)
from bootstrap.cli.plan import DRIFT
from bootstrap.core.errors import UsageError
from bootstrap.core.listing import first_few
from bootstrap.course.model import SUBDIRS

if TYPE_CHECKING:
    from bootstrap.images.compare import Difference
    from bootstrap.images.found import FoundImage

LINES = 20


@click.command("verify")
@click.argument("reference", metavar="IMAGE")
@course_option
@source_option
@json_option
@plain_option
def command(
    *, reference: str, course: str | None, source: str | None, as_json: bool, plain: bool
) -> int:
    """Make the image again and compare: IMAGE is in Docker Engine, a registry, or an OCI layout.

    Exit 5 where it differs.
    """
    # Imported here: the help of `image` needs none of it.
    from bootstrap.cli.carry_out import carry_out, kind_of
    from bootstrap.core.cancel import Cancel
    from bootstrap.core.plan import make_plan
    from bootstrap.core.step import Job
    from bootstrap.host.run_lock import run_lock
    from bootstrap.images.build import Wanted, build_steps, order, scratch
    from bootstrap.images.compared import Compared
    from bootstrap.images.found import find_image
    from bootstrap.images.layout import Layout
    from bootstrap.machine.blueprint import this_arch

    session = open_session(course=course, source=source)
    view, cancel = session.view, Cancel()
    with (
        cancel.on_signals(),
        run_lock(view.paths.run, "mlops-bootstrap image verify"),
        scratch(view.paths) as folder,
    ):
        job = Job("find", lambda _: None, cancel)
        found = find_image(reference, session.host, Layout.cached(view.paths), folder, job)
        target, platform, moment, model = _made_as(found, reference)
        subject = subject_for(session, platform)
        wanted = model_wanted(session, model) if model else None
        with order(target, subject, view.paths, this_arch(), moment, wanted) as made:
            image, parts = build_steps(made, session.blueprint.source, Wanted(()))
            comparison = Compared(made, image, found)
            plan = make_plan((*parts, comparison), view)
            kind = kind_of(as_json=as_json, plain=plain)
            code = carry_out(plan, view, session.host, cancel, kind)
    if code or comparison.differences is None:
        return code
    _show(reference, comparison.differences, as_json=as_json)
    return DRIFT if comparison.differences else 0


def _made_as(found: FoundImage, reference: str) -> tuple[str, str, int, str]:
    """What an image says it is: target, platform, moment (seconds since 1970), and the model.

    Raises UsageError E-IMAGE-UNKNOWN for one that `image build` did not make.
    """
    from bootstrap.images.base import ARCHITECTURES
    from bootstrap.images.steps import MODEL_LABEL, MOMENT_LABEL, TARGET_LABEL

    platforms = {oci: SUBDIRS[arch] for arch, oci in ARCHITECTURES.items()}
    try:
        target = found.labels[TARGET_LABEL]
        platform = platforms[found.config["architecture"]]
        moment = int(found.labels[MOMENT_LABEL])
    except (KeyError, ValueError):
        raise UsageError(
            "E-IMAGE-UNKNOWN",
            "the image does not say that `image build` made it",
            where=reference,
            remedy="name one that `mlops-bootstrap image build` made",
        ) from None
    return target, platform, moment, found.labels.get(MODEL_LABEL, "")


def _show(reference: str, found: tuple[Difference, ...], *, as_json: bool) -> None:
    if as_json:
        listed = [{"kind": one.kind, "what": one.what} for one in found]
        output.show_json({"image": reference, "equal": not found, "differences": listed})
        return
    if not found:
        output.show(f"{reference} is what the locks make, byte for byte.")
        return
    lines = first_few((f"{one.kind:8}  {one.what}" for one in found), LINES)
    said = [f"{reference} is not what the locks make:", *(f"  {line}" for line in lines)]
    output.show("\n".join(said))

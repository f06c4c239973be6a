"""Going back to the generation before the current one, and staying there."""

from __future__ import annotations

from bootstrap.core.errors import BootstrapError
from bootstrap.generation.installed import course_of, digest_of
from bootstrap.generation.links import Links
from bootstrap.host.host import HostView
from bootstrap.machine.blueprint import Blueprint
from bootstrap.machine.selection import save_selection


def way_back(blueprint: Blueprint, view: HostView) -> tuple[str, str]:
    """The digests of the current and of the previous generation of the blueprint's course.

    Raises BootstrapError E-NO-PREVIOUS where there is none to go back to.
    """
    links = Links(view.paths.environments)
    current, previous = links.current, links.previous
    if current is None or previous is None:
        raise _no_previous("there is no environment before the current one", view)
    if course_of(previous) != blueprint.generation.course:
        raise _no_previous(f"the environment before is of another course: {previous.name}", view)
    return digest_of(current), digest_of(previous)


def go_back(blueprint: Blueprint, view: HostView) -> None:
    """Make the blueprint's generation the current one, and remember that it is held."""
    Links(view.paths.environments).switch(blueprint.generation.prefix)
    save_selection(view.paths.config, blueprint.remembered)


def _no_previous(what: str, view: HostView) -> BootstrapError:
    return BootstrapError(
        "E-NO-PREVIOUS",
        what,
        where=str(view.paths.environments / "previous"),
        remedy="`mlops-bootstrap update` keeps the environment before; then there is one",
    )

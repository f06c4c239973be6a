"""What changes from the environment in use to the one that the course's locks describe."""

from __future__ import annotations

from dataclasses import dataclass

from bootstrap.core.errors import BootstrapError
from bootstrap.generation.contents import Difference, Found
from bootstrap.generation.installed import Installed, digest_of
from bootstrap.generation.links import Links
from bootstrap.host.host import HostView
from bootstrap.machine.blueprint import Blueprint


@dataclass(frozen=True, slots=True)
class Update:
    """An update from one generation to another, both by digest.

    packages differ between their locks; lost are those that were added by hand to the old one.
    """

    old: str
    new: str
    packages: tuple[Difference, ...]
    lost: tuple[Difference, ...]

    @property
    def changed(self) -> bool:
        """Whether the environment will be another one."""
        return self.old != self.new


def update_of(blueprint: Blueprint, view: HostView) -> Update:
    """What an update to the blueprint's generation changes.

    Raises BootstrapError E-NOT-UP where no environment is in use yet.
    """
    current = Links(view.paths.environments).current
    if current is None:
        raise BootstrapError(
            "E-NOT-UP",
            "there is no environment yet that could be updated",
            where=str(view.paths.environments),
            remedy="run `mlops-bootstrap up` first",
        )
    generation = blueprint.generation
    old = digest_of(current)
    if old == generation.digest:
        return Update(old, old, (), ())
    found, installed = Found.read(current), Installed.read(current)
    wanted = generation.contents
    if installed is None:  # of an older version of this tool: what is there has to do
        return Update(old, generation.digest, found.contents().differences(wanted), ())
    lost = tuple(
        one
        for one in found.added(installed.contents)
        if one.package not in {*wanted.conda, *wanted.wheels}
    )
    return Update(old, generation.digest, installed.contents.differences(wanted), lost)

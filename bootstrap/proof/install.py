"""The lock installs: into a prefix that was not there, and everything of it arrives."""

from __future__ import annotations

from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Job
from bootstrap.host.host import Host
from bootstrap.proof.trial import Evidence, Trial
from bootstrap.proof.workplace import REMEDY, Workplace
from bootstrap.sources.source import Source


class FreshInstall(Trial):
    """The generation of the locks, installed as `up` does it; caches may hold its parts."""

    name = "install"
    title = "Fresh environment"

    def __init__(self, place: Workplace, source: Source) -> None:
        self._generation = place.generation
        self._source = source

    def prove(self, host: Host, job: Job) -> Evidence:
        # Imported here: asyncio and rattler are heavy.
        from bootstrap.steps.conda import install_conda
        from bootstrap.steps.wheels import install_wheels

        wanted = self._generation
        install_conda(wanted.conda, wanted.prefix, host.paths.cache / "conda", self._source, job)
        install_wheels(wanted.requirements, wanted.wheels, wanted.prefix, host, job)
        if missing := wanted.missing():
            raise BootstrapError(
                "E-PROOF-INSTALL",
                f"{missing} packages were installed and their metadata are not there",
                where=str(wanted.requirements),
                remedy=REMEDY,
            )
        conda, wheels = len(wanted.conda), len(wanted.wheels)
        said = f"{conda} conda packages, {wheels} wheels"
        return Evidence(said, {"conda_packages": conda, "wheels": wheels})

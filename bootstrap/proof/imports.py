"""The lock imports: every top-level module of every distribution in it."""

from __future__ import annotations

import os

from bootstrap.core.errors import BootstrapError
from bootstrap.core.listing import first_few
from bootstrap.core.step import Job
from bootstrap.host.host import Host
from bootstrap.proof.trial import Evidence, Trial
from bootstrap.proof.workplace import REMEDY, Workplace

SHOWN = 10
AT_ONCE = 4
"""Processes at most: each may take 300 MB."""


class Imports(Trial):
    """Every module is imported without a network; inside/imports.py says which count."""

    name = "imports"
    title = "Imports"
    requires = frozenset({"install"})

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self.versions: dict[str, str] = {}

    def prove(self, host: Host, job: Job) -> Evidence:
        at_once = min(AT_ONCE, len(os.sched_getaffinity(0)))
        asked = {"at_once": at_once, "together": False}
        told = self._place.ask("imports", asked, "E-PROOF-IMPORTS", host, job, quiet=True)
        if failed := told["failed"]:
            lines = (
                f"{module} of {found['distribution']}: {found['error']}"
                for module, found in failed.items()
            )
            raise BootstrapError(
                "E-PROOF-IMPORTS",
                "\n".join(["modules cannot be imported:", *first_few(lines, SHOWN)]),
                where=str(self._place.generation.requirements),
                remedy=REMEDY,
            )
        self.versions = told["distributions"]
        modules, distributions = len(told["imported"]), len(self.versions)
        said = f"{modules} modules of {distributions} distributions"
        return Evidence(said, {"modules": modules, "distributions": distributions})

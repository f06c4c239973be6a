"""The tables of the lessons are written and read by both parquet engines."""

from __future__ import annotations

from collections.abc import Mapping

from bootstrap.core.step import Job
from bootstrap.host.host import Host
from bootstrap.proof.trial import Evidence, Trial
from bootstrap.proof.workplace import Workplace


class Tables(Trial):
    """Each table goes to a file and back, each engine reading what either wrote."""

    name = "tables"
    title = "Tables"
    requires = frozenset({"imports"})

    def __init__(self, place: Workplace, tables: Mapping[str, Mapping[str, str]]) -> None:
        self._place = place
        self._tables = {name: dict(columns) for name, columns in tables.items()}

    def prove(self, host: Host, job: Job) -> Evidence:
        told = self._place.ask("tables", self._tables, "E-PROOF-TABLES", host, job)
        said = f"{', '.join(told['tables'])} with {' and '.join(told['engines'])}"
        return Evidence(said, told)

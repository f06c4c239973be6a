"""Databases whose schema is newer than the program that should serve them.

MLflow and Prefect migrate their database forward, never back: after an update the versions before
it cannot read it, and their servers would end and be started again for ever.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from bootstrap.core.errors import BootstrapError
from bootstrap.generation import Generation

_REVISION = re.compile(r"""^revision(?:: *str)? *= *["'](\w+)["']""", re.MULTILINE)
_BEFORE = re.compile(r"""^down_revision(?:: *[^=]+)? *= *(.+)""", re.MULTILINE)
_NAME = re.compile(r"""["'](\w+)["']""")


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema of one service: the service's name, and its Alembic revisions below
    site-packages."""

    name: str
    title: str
    migrations: str

    def known(self, generation: Generation) -> frozenset[str]:
        """Every revision that the generation's version of the service knows."""
        files = (generation.site_packages / self.migrations).glob("*.py")
        return frozenset(name for file in files for name in _REVISION.findall(file.read_text()))

    def newest(self, generation: Generation) -> frozenset[str]:
        """The revisions that the generation's version of the service brings a database to."""
        files = (generation.site_packages / self.migrations).glob("*.py")
        named = "\n".join(line for file in files for line in _BEFORE.findall(file.read_text()))
        return self.known(generation) - set(_NAME.findall(named))

    def check(self, found: Collection[str], generation: Generation) -> None:
        """See that the generation knows the revisions that a database is at.

        Raises BootstrapError E-SCHEMA-NEWER.
        """
        known = self.known(generation)
        unknown = set(found) - known
        if unknown and known:
            raise self._newer(generation, ", ".join(sorted(unknown)))

    def _newer(self, generation: Generation, revision: str) -> BootstrapError:
        version = generation.contents.wheels.get(self.name, "")
        return BootstrapError(
            "E-SCHEMA-NEWER",
            f"a newer {self.title} upgraded the database to schema {revision}, which {self.title}"
            f" {version} of generation {generation.digest[:12]} does not know: it could not serve"
            " it",
            where=self.name,
            remedy="`mlops-bootstrap update` goes on with the newer one; to go back without the"
            " services, `mlops-bootstrap down` first",
        )


def mlflow() -> Schema:
    """MLflow's schema: the same revisions for every kind of database."""
    return Schema("mlflow", "MLflow", "mlflow/store/db_migrations/versions")


def prefect(kind: str) -> Schema:
    """Prefect's schema for a kind of database, `postgresql` or `sqlite`."""
    return Schema("prefect", "Prefect", f"prefect/server/database/_migrations/versions/{kind}")

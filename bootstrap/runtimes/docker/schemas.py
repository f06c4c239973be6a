"""Databases whose schema is newer than the program that should serve them.

MLflow and Prefect migrate their database forward, never back: after an update the versions before
it cannot read it, and their servers would end and be started again for ever.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError
from bootstrap.generation import Generation
from bootstrap.host import command
from bootstrap.runtimes.docker.stack import DATABASE, Stack

_REVISION = re.compile(r"""^revision(?:: *str)? *= *["'](\w+)["']""", re.MULTILINE)

_MARK = "schema:"
_ASK = "select 'schema:' || version_num from alembic_version"


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema of one service: the name of its database and role, and its Alembic revisions
    below site-packages."""

    name: str
    title: str
    migrations: str

    def known(self, generation: Generation) -> frozenset[str]:
        """Every revision that the generation's version of the service knows."""
        files = (generation.site_packages / self.migrations).glob("*.py")
        return frozenset(name for file in files for name in _REVISION.findall(file.read_text()))


SCHEMAS = (
    Schema("mlflow", "MLflow", "mlflow/store/db_migrations/versions"),
    Schema("prefect", "Prefect", "prefect/server/database/_migrations/versions/postgresql"),
)


def check_schemas(stack: Stack, generation: Generation, cancel: Cancel) -> None:
    """See that the running database has no schema that this generation does not know.

    Raises BootstrapError E-SCHEMA-NEWER. A database that does not answer, or that is empty, has
    nothing to say against it.
    """
    for schema in SCHEMAS:
        known = schema.known(generation)
        if not known:  # a course without it
            continue
        asked = stack.command(
            "exec", "-T", DATABASE, "psql", "--host", "127.0.0.1", "--username", schema.name,
            "--dbname", schema.name, "--quiet", "--tuples-only", "--no-align",
            "--command", _ASK,
            deadline=60,
        )  # fmt: skip
        answer = command.run(asked, cancel)
        # Compose's own warnings are in the output too.
        lines = [line for line in answer.output.splitlines() if line.startswith(_MARK)]
        unknown = {line.removeprefix(_MARK) for line in lines} - known
        if unknown:
            raise _newer(schema, generation, ", ".join(sorted(unknown)))


def _newer(schema: Schema, generation: Generation, revision: str) -> BootstrapError:
    version = generation.contents.wheels.get(schema.name, "")
    return BootstrapError(
        "E-SCHEMA-NEWER",
        f"a newer {schema.title} upgraded the database to schema {revision}, which {schema.title}"
        f" {version} of generation {generation.digest[:12]} does not know: it could not serve it",
        where=schema.name,
        remedy="`mlops-bootstrap update` goes on with the newer one; to go back without the"
        " services, `mlops-bootstrap down` first",
    )

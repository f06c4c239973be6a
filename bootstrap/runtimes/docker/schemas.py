"""The schemas of the databases in PostgreSQL."""

from __future__ import annotations

from bootstrap.core.cancel import Cancel
from bootstrap.generation import Generation
from bootstrap.host import command
from bootstrap.runtimes import schemas
from bootstrap.runtimes.docker.stack import DATABASE, Stack

_MARK = "schema:"
_ASK = "select 'schema:' || version_num from alembic_version"

SCHEMAS = {schema.name: schema for schema in (schemas.mlflow(), schemas.prefect("postgresql"))}
"""Each is in the database, and of the role, that is named like the service."""


def check_schemas(stack: Stack, generation: Generation, cancel: Cancel) -> None:
    """See that the running database has no schema that this generation does not know.

    Raises BootstrapError E-SCHEMA-NEWER. A database that does not answer, or that is empty, has
    nothing to say against it.
    """
    for name, schema in SCHEMAS.items():
        if schema.known(generation):  # else it is a course without it
            schema.check(revisions(stack, name, cancel), generation)


def revisions(stack: Stack, name: str, cancel: Cancel) -> frozenset[str]:
    """What the database of a service is at; nothing where it is empty or does not answer."""
    asked = stack.command(
        "exec", "-T", DATABASE, "psql", "--host", "127.0.0.1", "--username", name,
        "--dbname", name, "--quiet", "--tuples-only", "--no-align",
        "--command", _ASK,
        deadline=60,
    )  # fmt: skip
    answer = command.run(asked, cancel)
    # Compose's own warnings are in the output too.
    lines = [line for line in answer.output.splitlines() if line.startswith(_MARK)]
    return frozenset(line.removeprefix(_MARK) for line in lines)

"""The databases as files: their schemas, and who else has one locked."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from bootstrap.core.errors import BootstrapError
from bootstrap.generation import Generation
from bootstrap.host.apt_locks import holder_of_locks
from bootstrap.runtimes import schemas
from bootstrap.runtimes.native.settings import MLFLOW_DATABASE, PREFECT_DATABASE

SCHEMAS = {MLFLOW_DATABASE: schemas.mlflow(), PREFECT_DATABASE: schemas.prefect("sqlite")}

PATIENCE_S = 5.0
"""Seconds that a lock of another process may last: a copy of the file takes less."""


def check_schemas(data: Path, generation: Generation) -> None:
    """See that no database has a schema that this generation does not know.

    Raises BootstrapError E-SCHEMA-NEWER. One that is not there or empty has nothing against it.
    """
    for name, schema in SCHEMAS.items():
        schema.check(revisions(data / name), generation)


def check_locks(data: Path) -> None:
    """See that nobody holds a database locked while no service of ours runs.

    Raises BootstrapError E-DATABASE-LOCKED.
    """
    import sqlite3  # here, as below: a no-op `up` in Docker does without

    for name in SCHEMAS:
        file = data / name
        if not file.is_file():
            continue
        try:
            with closing(sqlite3.connect(file, timeout=PATIENCE_S, isolation_level=None)) as base:
                base.execute("BEGIN IMMEDIATE")
                base.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise _locked(file) from error
        except sqlite3.DatabaseError:
            continue  # damaged: its server says so better, in its log


def revisions(file: Path) -> frozenset[str]:
    """What a database file is at; nothing where it is not there, empty or damaged."""
    import sqlite3

    if not file.is_file():
        return frozenset()
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as base:
            found = base.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error:  # no table yet, or damaged
        return frozenset()
    return frozenset(str(row[0]) for row in found)


def _locked(file: Path) -> BootstrapError:
    who = holder_of_locks([file, file.with_name(f"{file.name}-shm")])
    return BootstrapError(
        "E-DATABASE-LOCKED",
        f"{who or 'another process'} has the database locked",
        where=str(file),
        remedy="end what has it open (`fuser -v` on the file names it), then run"
        " `mlops-bootstrap up` again",
    )

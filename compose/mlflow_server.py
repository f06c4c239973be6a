"""Serve MLflow, after its database was brought to the schema of this MLflow.

`mlflow server` refuses a database of an older version until `mlflow db upgrade` was run on it, and
starts another Python that serves while the first one waits with 200 MB. Here it is all one process:
what is imported once, which takes seconds, is imported for all.
"""

import os
import runpy
import sys

# First: by it MLflow knows, when it is imported, that it is to guard its pages as a server's.
import uvicorn  # noqa: F401

# isort: split
import mlflow
import mlflow.server
from alembic.util.exc import CommandError
from mlflow.cli import cli
from mlflow.store.db import utils


def bring_up_to_date(uri: str) -> None:
    """Upgrade a database that is of an older version; a new one is left to the server.

    A schema that this MLflow does not know ends the process: going on could only do damage.
    """
    engine = utils.create_sqlalchemy_engine_with_retry(uri)
    try:
        # MLflow's own names for the parts of `mlflow db upgrade`; there are no public ones.
        found = utils._get_schema_version(engine)  # noqa: SLF001
        if found not in {None, utils._get_latest_schema_revision()}:  # noqa: SLF001
            print(f"upgrading the database from schema {found}")
            utils._upgrade_db(engine)  # noqa: SLF001
    except CommandError as error:
        sys.exit(
            f"E-SCHEMA-NEWER: a newer MLflow upgraded the database to schema {found}, which MLflow"
            f" {mlflow.__version__} does not know ({error}). Run `mlops-bootstrap update`."
        )
    finally:
        engine.dispose()


def serve_here(command: list[str], *, extra_env: dict[str, str], **_: object) -> None:
    """Run the server that MLflow would start as `python -m MODULE ARGUMENT...` in this process."""
    os.environ.update(extra_env)
    sys.argv = command[2:]
    runpy.run_module(command[2], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    # After `mlflow server` checked its settings and its stores. An MLflow that starts its server
    # otherwise does so, with a process more.
    mlflow.server._exec_cmd = serve_here  # noqa: SLF001
    bring_up_to_date(os.environ["MLFLOW_BACKEND_STORE_URI"])
    cli(["server"])

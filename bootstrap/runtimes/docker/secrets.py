"""Passwords of the services: made once, kept in files that only their owner can read."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from bootstrap.core.errors import BootstrapError
from bootstrap.host.files import make_private, write_atomically

PASSWORD_BYTES = 24
"""192 random bits, written as 48 hexadecimal digits: Compose expands `$` in env files."""

MODE = 0o600


def env_files(mlflow: str, prefect: str, admin: str) -> dict[str, str]:
    """The env file of each service, by file name: each gets the passwords that it needs, no more.

    MLflow and Prefect get theirs as PGPASSWORD, which libpq and asyncpg both read, so that no
    database URL holds a password: URLs end up in logs and process lists.
    """
    return {
        "postgres.env": (
            f"POSTGRES_PASSWORD={admin}\nMLFLOW_PASSWORD={mlflow}\nPREFECT_PASSWORD={prefect}\n"
        ),
        "mlflow.env": f"PGPASSWORD={mlflow}\n",
        "prefect.env": f"PGPASSWORD={prefect}\n",
    }


def ensure_secrets(folder: Path, volumes: tuple[str, ...]) -> None:
    """Make the env files where none are. What is there is never changed.

    volumes are those of the services: while one is there, passwords that are gone raise
    BootstrapError E-SECRETS-LOST, for new ones would not open the database.
    """
    files: Mapping[str, str] = env_files(*(secrets.token_hex(PASSWORD_BYTES) for _ in range(3)))
    missing = [name for name in files if not (folder / name).is_file()]
    if not missing:
        return
    if volumes:
        raise BootstrapError(
            "E-SECRETS-LOST",
            f"the passwords of the services are gone ({', '.join(missing)}), their data is not",
            where=str(folder),
            remedy="put the files back from a backup, or delete the data too: "
            "`mlops-bootstrap down --volumes`",
        )
    # Made beside and renamed: a run that is killed leaves all of them or none.
    make_private(folder.parent)
    beside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    make_private(beside)
    for name, text in files.items():
        write_atomically(beside / name, text.encode(), MODE)
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)

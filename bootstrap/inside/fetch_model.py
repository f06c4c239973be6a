"""Fetches a version of a model from MLflow's registry into a folder, as a predictor loads it."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
# A server that is down is said so in seconds, not after minutes.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")

import mlflow
import yaml
from mlflow.exceptions import MlflowException

URI = re.compile(r"models:/(?P<name>[^/]+)(/(?P<version>\d+)|@(?P<alias>[^/@]+))")
FLAVOR = "python_function"
"""What a model has to be loadable as: the same for every library."""


def fetch(uri: str, folder: Path) -> dict[str, Any]:
    """Make the folder and download what uri names; what it is: {"name", "version", "run_id",
    "flavors"}.

    uri is models:/NAME/VERSION, or models:/NAME@ALIAS for what the alias stands for just now. What
    lands in the folder, modes included, is the same for every fetch of a version.

    Raises SystemExit with one line where there is no such model, its files are gone, or the server
    does not answer; the folder may be there then, with a part of the files.
    """
    asked = URI.fullmatch(uri)
    if not asked:
        raise SystemExit(f"{uri} is not models:/NAME/VERSION or models:/NAME@ALIAS")
    name, client = asked["name"], mlflow.MlflowClient()
    try:
        if asked["alias"]:
            version = client.get_model_version_by_alias(name, asked["alias"])
        else:
            version = client.get_model_version(name, asked["version"])
        folder.mkdir()
        # By its version: an alias may be moved meanwhile, and the name is noted in the folder.
        exact = f"models:/{name}/{version.version}"
        mlflow.artifacts.download_artifacts(exact, dst_path=str(folder))
        flavors = yaml.safe_load((folder / "MLmodel").read_text())["flavors"]
    except (MlflowException, OSError) as error:
        raise SystemExit(f"{uri}: {str(error).splitlines()[0]}") from None
    if FLAVOR not in flavors:
        raise SystemExit(f"{uri} has no {FLAVOR} flavor, only {', '.join(sorted(flavors))}")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # another user reads it in an image
    return {
        "name": name,
        "version": str(version.version),
        "run_id": version.run_id,
        "flavors": sorted(flavors),
    }


def main(question: Path, answer: Path) -> None:
    """Question: {"uri", "folder"}, as fetch() takes them. Answer: what it returns."""
    asked = json.loads(question.read_text())
    answer.write_text(json.dumps(fetch(asked["uri"], Path(asked["folder"]))))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

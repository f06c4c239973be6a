"""A git repository shaped like the course's, the same commits on every machine."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.lab.commands import run

REPOSITORY = "github.com/DataTalksClub/mlops-zoomcamp.git"
TAG = "2025-cohort"
FIRST_DAY = 1_746_000_000  # a fixed date: commit ids are digests of it too

LESSONS = {
    "01-intro": "Introduction",
    "02-experiment-tracking": "Experiment tracking with MLflow",
    "03-orchestration": "Orchestration with Prefect",
    "04-deployment": "Model deployment",
    "05-monitoring": "Model monitoring",
    "06-best-practices": "Best practices",
}

TRAIN = '''\
"""Train a small regression and log it to MLflow."""

import os

import mlflow
from sklearn.linear_model import LinearRegression


def main() -> None:
    mlflow.set_tracking_uri(os.environ.get("MLFLOW_TRACKING_URI", "http://localhost:5000"))
    mlflow.set_experiment("lab-taxi")
    with mlflow.start_run():
        distance, duration = [[1.0], [2.0], [3.0]], [6.0, 11.0, 16.0]
        model = LinearRegression().fit(distance, duration)
        mlflow.log_metric("score", model.score(distance, duration))


if __name__ == "__main__":
    main()
'''

FLOW = '''\
"""A flow with one retried task."""

from prefect import flow, task


@task(retries=2)
def double(number: int) -> int:
    return 2 * number


@flow
def pipeline(number: int = 21) -> int:
    return double(number)


if __name__ == "__main__":
    print(pipeline())
'''


@dataclass(frozen=True)
class GitHost:
    """What the course file and tests need to know about the repository."""

    commit: str  # pinned: the tag's commit, behind the newest one
    head: str
    tag: str


def build(target: Path) -> None:
    """Make the bare repository below `target`, in the place of its upstream address."""
    bare = target / REPOSITORY
    bare.parent.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="tmp-git-") as scratch:
        work = Path(scratch) / "work"
        template = Path(scratch) / "template"
        template.mkdir()
        history = _History(work)
        history.git("init", "--quiet", f"--template={template}", "--initial-branch=main", ".")
        _lessons(history)
        pinned = history.commit("Add the flow of module 3")
        history.git("tag", "--annotate", "--message", "The cohort of 2025", TAG)
        history.write("07-project/README.md", "# Project\n\nPut it all together.\n")
        head = history.commit("Describe the project")
        clone = ["clone", "--quiet", "--bare", f"--template={template}", str(work), str(bare)]
        history.git(*clone)
    for key, value in {
        "uploadpack.allowFilter": "true",
        "uploadpack.allowAnySHA1InWant": "true",
        "http.receivepack": "false",
    }.items():
        run(["git", "--git-dir", bare, "config", key, value])
    run(["git", "--git-dir", bare, "remote", "remove", "origin"])
    info = {"commit": pinned, "head": head, "tag": TAG}
    (target / "git.json").write_text(json.dumps(info, indent=2) + "\n")


def _lessons(history: _History) -> None:
    history.write(
        "README.md", "# MLOps Zoomcamp (lab)\n\nA stand-in for the course's repository.\n"
    )
    history.write(".gitignore", "__pycache__/\nmlruns/\n*.db\n")
    history.commit("Start the course")
    for folder, title in LESSONS.items():
        history.write(f"{folder}/README.md", f"# {title}\n\nNotes of {folder}.\n")
    history.commit("Outline the modules")
    history.write("02-experiment-tracking/duration-prediction.ipynb", _notebook("Duration"))
    history.write("02-experiment-tracking/train.py", TRAIN)
    history.write("02-experiment-tracking/requirements.txt", "mlflow\nscikit-learn\n")
    history.commit("Add experiment tracking")
    history.write("03-orchestration/pipeline.py", FLOW)
    history.write("03-orchestration/homework.ipynb", _notebook("Homework"))


def _notebook(title: str) -> str:
    cell = {"cell_type": "markdown", "metadata": {}, "source": [f"# {title}"]}
    book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1) + "\n"


class _History:
    """A work tree whose commits are a day apart and by the same hand everywhere."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.day = 0
        work.mkdir()

    def git(self, *words: str) -> str:
        date = f"{FIRST_DAY + 86_400 * self.day} +0000"
        identity = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (("NAME", "Lab"), ("EMAIL", "lab@example.org"), ("DATE", date))
        }
        settings = {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C",
            "HOME": str(self.work),
            "PATH": os.environ["PATH"],
        }
        return run(["git", *words], cwd=self.work, env={**settings, **identity}).decode().strip()

    def write(self, name: str, text: str) -> None:
        file = self.work / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def commit(self, message: str) -> str:
        self.day += 1
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")


def copy_repository(folder: Path, target: Path) -> Path:
    """Copy the bare repository, so that a test can move its copy forward."""
    return Path(shutil.copytree(folder / REPOSITORY, target / REPOSITORY, symlinks=True))


def load(folder: Path) -> GitHost:
    """Read what `build` noted."""
    info = json.loads((folder / "git.json").read_text())
    return GitHost(commit=info["commit"], head=info["head"], tag=info["tag"])

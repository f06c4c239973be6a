"""Generations as real environments: conda packages of the lab, a few wheels of the real index."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bootstrap.generation import Generation
from bootstrap.generation.links import Links
from bootstrap.host.host import Host
from bootstrap.machine.blueprint import Blueprint, draw
from bootstrap.machine.selection import Selection, save_selection
from tests.e2e.steps.conftest import Mirror
from tests.lab import LabFiles
from tests.relocked import relocked
from tests.unit.jobs import RecordedJob

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

PIP = "pip==26.3 --hash=sha256:f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13\n"
IDNA = "idna==3.20 --hash=sha256:ab7ae7122974553370f0bdb919e1a960b2cd1bc1ef0276416d896db81c14582c\n"
OLD_SIX = (
    "six==1.16.0 --hash=sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254\n"
)
NEW_SIX = (
    "six==1.17.0 --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274\n"
)
FIRST, SECOND, THIRD = PIP + IDNA + OLD_SIX, PIP + NEW_SIX, PIP


@dataclass(frozen=True)
class Student:
    """A home in which the environment step alone is carried out, by a course that changes."""

    host: Host
    mirror: Mirror
    courses: dict[str, Path]

    def draw(self, lock: str, held: str = "") -> Blueprint:
        return draw(
            Selection(str(self.courses[lock]), self.mirror.source.base, held=held), self.host
        )

    def up(self, lock: str, held: str = "") -> Generation:
        """What `up` does to the environment."""
        blueprint = self.draw(lock, held)
        (step,) = (step for step in blueprint.steps if step.name == "environment")
        step.apply(self.host, RecordedJob())
        assert step.observe(self.host).satisfied
        save_selection(self.host.paths.config, blueprint.selection)
        return blueprint.generation

    def tool(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """What a command says as JSON; it has to end with this code."""
        argv = [sys.executable, "-m", "bootstrap.cli.main", *arguments, "--json"]
        environ = {**os.environ, "MLOPS_BOOTSTRAP_RUN_DIR": str(self.host.paths.home / "run")}
        done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        loaded: dict[str, Any] = json.loads(done.stdout.splitlines()[0])
        return loaded

    def asked(self, command: str, answer: str) -> int:
        """The code of a command that asks on a terminal and is given this answer."""
        terminal, stdin = pty.openpty()
        argv = [sys.executable, "-m", "bootstrap.cli.main", command]
        environ = {**os.environ, "MLOPS_BOOTSTRAP_RUN_DIR": str(self.host.paths.home / "run")}
        os.write(terminal, f"{answer}\n".encode())
        done = subprocess.run(
            argv, env=environ, stdin=stdin, capture_output=True, text=True, check=False
        )
        os.close(terminal)
        os.close(stdin)
        assert "[y/N]" in done.stderr
        return done.returncode

    def six(self) -> str:
        """The version of six in the current environment, by its own Python."""
        python = self.host.paths.environments / "current" / "bin" / "python"
        asked = subprocess.run([python, "-c", "import six; print(six.__version__)"],
                               capture_output=True, text=True, check=True)  # fmt: skip
        return asked.stdout.strip()


@pytest.fixture
def student(
    lab: LabFiles, mirror: Mirror, home: Path, host: Host, monkeypatch: pytest.MonkeyPatch
) -> Student:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{home}/no.sock")
    locks = {"first": FIRST, "second": SECOND, "third": THIRD}
    courses = {name: relocked(lab.course_path, home / name, text) for name, text in locks.items()}
    return Student(host, mirror, courses)


def changes(update: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["package"], one["old"], one["new"]) for one in update["packages"]]


def test_update_rollback_update_gc(student: Student) -> None:
    links = Links(student.host.paths.environments)
    first = student.up("first")
    assert student.six() == "1.16.0"
    second_course = ("--course", str(student.courses["second"]))
    update = student.tool("update", "--dry-run", *second_course)
    assert changes(update) == [("idna", "3.20", ""), ("six", "1.16.0", "1.17.0")]
    second = student.up("second")
    assert student.six() == "1.17.0"
    assert (links.current, links.previous) == (second.prefix, first.prefix)

    assert student.tool("rollback", "--dry-run")["to"] == first.digest
    assert student.six() == "1.17.0"
    said = student.tool("rollback")
    assert (said["from"], said["to"], said["held"]) == (second.digest, first.digest, first.digest)
    assert student.six() == "1.16.0"
    assert student.tool("plan")["held"] == first.digest
    student.up("second", held=first.digest)  # it stays where it is
    assert student.six() == "1.16.0"
    assert student.tool("gc", "--dry-run")["items"] == []

    assert changes(student.tool("update", "--dry-run")) == changes(update)
    student.up("second")
    third = student.up("third")
    assert (links.current, links.previous) == (third.prefix, second.prefix)

    (gone,) = student.tool("gc", "--dry-run")["items"]
    assert (gone["what"], gone["name"]) == ("environment", str(first.prefix))
    assert first.prefix.exists()
    assert student.asked("gc", "n") == 130
    assert first.prefix.exists()
    removed = student.tool("gc", "--yes")
    assert removed["removed"]
    assert [item["name"] for item in removed["items"]] == [str(first.prefix)]
    assert not first.prefix.exists()
    student.tool("rollback")
    assert student.six() == "1.17.0"


def test_what_a_student_changes_by_hand_is_drift(student: Student, home: Path) -> None:
    generation = student.up("first")
    python = generation.prefix / "bin" / "python"
    cache = home / ".cache" / "pip"
    by_hand = [python, "-m", "pip", "install", "--cache-dir", cache, "--no-deps", "-q",
               "--root-user-action=ignore", "six==1.17.0", "wheel==0.48.0"]  # fmt: skip
    subprocess.run(by_hand, check=True)
    subprocess.run([python, "-m", "pip", "uninstall", "-q", "-y", "--root-user-action=ignore",
                    "idna"], check=True)  # fmt: skip
    kept = {"package": "wheel", "kind": "wheel", "found": "0.48.0", "wanted": ""}
    assert student.tool("status", code=1)["drift"] == [
        {"package": "idna", "kind": "wheel", "found": "", "wanted": "3.20"},
        {"package": "six", "kind": "wheel", "found": "1.17.0", "wanted": "1.16.0"},
        kept,
    ]
    update = student.tool("update", "--dry-run", "--course", str(student.courses["third"]))
    assert update["lost"] == [{"package": "wheel", "kind": "wheel", "old": "0.48.0"}]
    student.up("first")
    assert student.six() == "1.16.0"
    assert student.tool("status", code=1)["drift"] == [kept]
    assert subprocess.run([python, "-c", "import idna, wheel"], check=False).returncode == 0


def test_a_conda_package_that_was_added_survives_a_repair(student: Student) -> None:
    generation = student.up("third")
    metadata = generation.prefix / "conda-meta"
    added = metadata / "mine-1.0-h_0.json"
    record = json.loads(next(metadata.glob("tzdata-*.json")).read_bytes())
    record |= {"name": "mine", "version": "1.0", "build": "h_0", "files": [], "url": "file:///mine"}
    record |= {"fn": "mine-1.0-h_0.conda", "paths_data": {"paths": [], "paths_version": 1}}
    added.write_text(json.dumps(record))
    next(metadata.glob("bzip2-*.json")).unlink()
    assert [one["package"] for one in student.tool("status", code=1)["drift"]] == ["bzip2", "mine"]
    student.up("third")
    assert [one["package"] for one in student.tool("status", code=1)["drift"]] == ["mine"]


def test_a_repair_of_a_held_environment_needs_only_the_locks_that_it_keeps(
    student: Student,
) -> None:
    first = student.up("first")
    student.up("second")
    student.tool("rollback")
    six = next(first.site_packages.glob("six-*.dist-info"))
    (six / "RECORD").unlink()
    assert len(first.missing()) == 1
    student.up("second", held=first.digest)
    assert (first.missing(), student.six()) == ((), "1.16.0")

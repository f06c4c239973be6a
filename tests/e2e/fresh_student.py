"""A student on a fresh machine: installs the tool, types commands, and is interrupted."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.fresh_host import FreshHost

ROOT = Path(__file__).parents[2]
HOME = "/home/student"
TOOL = f"{HOME}/tool/bin/mlops-bootstrap"
JOURNAL = f"{HOME}/.local/state/mlops-bootstrap/journal.jsonl"
UP = rf"^{HOME}/tool/bin/python[0-9.]* {TOOL} up"
"""What the tool's own process looks like; timeout(1) and sudo begin with other words."""

Done = subprocess.CompletedProcess[str]

DEADLINE = 900.0
"""Seconds for one command, on a machine that does a lot besides."""


@dataclass(frozen=True)
class Student:
    host: FreshHost

    def install(self, scratch: Path, course: Path) -> None:
        """The tool from a wheel of this checkout, and the lab's course file."""
        build = [sys.executable, "-m", "uv", "build", "--wheel", "--quiet"]
        subprocess.run([*build, "--out-dir", str(scratch), str(ROOT)], check=True, timeout=DEADLINE)
        (wheel,) = scratch.glob("*.whl")
        self.host.copy_in(wheel, f"{HOME}/{wheel.name}")
        self.host.copy_in(course.parent, f"{HOME}/course")
        self.host.run(["python3", "-m", "venv", "tool"], timeout=DEADLINE)
        pip = ["tool/bin/pip", "install", "--quiet", "--disable-pip-version-check"]
        self.host.run([*pip, f"./{wheel.name}"], timeout=DEADLINE)

    def call(self, *arguments: str, user: str = "student", **variables: str) -> Done:
        argv = [TOOL, *arguments]
        return self.host.run(argv, user=user, env=variables, timeout=DEADLINE, check=False)

    def ok(self, *arguments: str, **variables: str) -> Done:
        done = self.call(*arguments, **variables)
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments: str) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.ok(*arguments, "--json").stdout.splitlines()[-1])
        return loaded

    def root(self, *argv: str) -> str:
        return self.host.run(argv, user="root").stdout

    def journal(self) -> list[dict[str, Any]]:
        found = self.host.run(["cat", JOURNAL], check=False)
        return [json.loads(line) for line in found.stdout.splitlines() if line.endswith("}")]

    def begin(self, *arguments: str, **variables: str) -> Running:
        """Start a command and go on with what happens meanwhile."""
        before = len(self.journal())
        pool = ThreadPoolExecutor(1)
        future = pool.submit(self.call, *arguments, **variables)
        pool.shutdown(wait=False)  # its thread ends with the command
        return Running(self, before, future)


@dataclass(frozen=True)
class Running:
    """A command that is under way."""

    student: Student
    before: int
    future: Future[Done]

    def until(self, event: str, step: str, text: str = "") -> None:
        """Wait until the journal says so; a command that ends before that is a failure."""
        while not self._said(event, step, text):
            if self.future.done() and not self._said(event, step, text):
                done = self.future.result()
                raise AssertionError(f"ended before {event} {step}:\n{done.stdout}\n{done.stderr}")
            time.sleep(0.2)

    def _said(self, event: str, step: str, text: str) -> bool:
        return any(
            (e["event"], e.get("step")) == (event, step) and text in str(e)
            for e in self.student.journal()[self.before :]
        )

    def signal(self, name: str) -> Done:
        """Send the tool's process a signal, as a person or the kernel would, and see it end."""
        self.student.host.kill_process(UP, name)
        return self.future.result(DEADLINE)

    @property
    def done(self) -> Done:
        return self.future.result(DEADLINE)

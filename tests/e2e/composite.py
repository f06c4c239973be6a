"""A runner of GitHub Actions as far as action.yml needs one: it carries its steps out in order.

Scripts run for real. The actions that it uses stand for what they do: a cache entry is a tar file,
an artifact a folder.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

DEADLINE = 900.0
SHELL = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]
EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")
TERM = re.compile(r"([\w.-]+) != '(\w*)'")
NOT_CANCELLED = "!cancelled()"


@dataclass
class Outcome:
    """What became of an action: which of its steps failed, if one did; what each gave and said."""

    failed: str = ""
    ran: list[str] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    log: str = ""


@dataclass
class Runner:
    """A job on a fresh machine: its home, its workspace, and what GitHub keeps between jobs."""

    folder: Path
    action: Path
    caches: Path
    variables: Mapping[str, str]
    artifacts: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("home", "workspace", "temp", "artifacts"):
            (self.folder / name).mkdir(parents=True)
        for file in ("output", "path", "env", "summary"):
            (self.folder / file).touch()
        self.caches.mkdir(exist_ok=True)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text()

    @property
    def environ(self) -> dict[str, str]:
        """The variables of the next step."""
        path = [*reversed(self._lines("path")), self.variables["PATH"]]
        files = {f"GITHUB_{name.upper()}": name for name in ("output", "path", "env")}
        given = {variable: str(self.folder / name) for variable, name in files.items()}
        return {
            **self.variables,
            **given,
            **dict(line.split("=", 1) for line in self._lines("env")),
            "GITHUB_ACTION_PATH": str(self.action),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_WORKSPACE": str(self.workspace),
            "HOME": str(self.home),
            "PATH": os.pathsep.join(path),
            "RUNNER_ARCH": "X64",
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(self.folder / "temp"),
        }

    def run(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """One script in a step of its own."""
        return subprocess.run(
            [*SHELL, script],
            cwd=self.workspace,
            env={**self.environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )

    def use(self, **inputs: str) -> Outcome:
        """Carry the action out with these inputs."""
        described = yaml.safe_load((self.action / "action.yml").read_text())
        known = {name: one["default"] for name, one in described["inputs"].items()}
        values = {f"inputs.{name}": value for name, value in {**known, **inputs}.items()}
        outcome = Outcome()
        for step in described["runs"]["steps"]:
            if not _is_due(step.get("if", ""), values, outcome):
                continue
            outcome.ran.append(step["name"])
            (self.folder / "output").write_text("")
            if not self._step(step, values, outcome):
                outcome.failed = outcome.failed or step["name"]
            given = dict(line.split("=", 1) for line in self._lines("output"))
            outcome.given |= given
            identity = step.get("id")
            values |= {f"steps.{identity}.outputs.{name}": value for name, value in given.items()}
        for name, one in described["outputs"].items():
            outcome.outputs[name] = _filled(one["value"], values)
        return outcome

    def _step(self, step: dict[str, Any], values: Mapping[str, str], outcome: Outcome) -> bool:
        """Carry one step out; whether it went well."""
        if "uses" in step:
            given = {name: _filled(value, values) for name, value in step["with"].items()}
            self._used(step["uses"].partition("@")[0])(**given)
            return True
        variables = {name: _filled(value, values) for name, value in step.get("env", {}).items()}
        done = self.run(step["run"], **variables)
        outcome.log += done.stdout + done.stderr
        return done.returncode == 0

    def _used(self, action: str) -> Callable[..., None]:
        return {
            "actions/cache/restore": self._restore,
            "actions/cache/save": self._save,
            "actions/upload-artifact": self._upload,
        }[action]

    def _restore(self, path: str, key: str) -> None:
        entry = self.caches / f"{key}.tar"
        if entry.exists():
            Path(path).mkdir(parents=True, exist_ok=True)
            subprocess.run(["tar", "-xf", str(entry), "-C", path], check=True)
            (self.folder / "output").write_text("cache-hit=true\n")

    def _save(self, path: str, key: str) -> None:
        subprocess.run(["tar", "-cf", str(self.caches / f"{key}.tar"), "-C", path, "."], check=True)

    def _upload(self, name: str, path: str) -> None:
        self.artifacts[name] = self.folder / "artifacts" / name
        shutil.copytree(path, self.artifacts[name], dirs_exist_ok=True)

    def _lines(self, name: str) -> list[str]:
        return (self.folder / name).read_text().splitlines()


def _filled(text: str, values: Mapping[str, str]) -> str:
    """A value with its expressions filled in; an output that was not given is empty."""
    return EXPRESSION.sub(lambda found: values.get(found[1], ""), text)


def _is_due(condition: str, values: Mapping[str, str], outcome: Outcome) -> bool:
    """Whether a step is run: by itself it is while none failed before."""
    bare = EXPRESSION.fullmatch(condition)
    terms = (bare[1] if bare else condition).split(" && ") if condition else []
    due = NOT_CANCELLED in terms or not outcome.failed
    for term in terms:
        if term != NOT_CANCELLED:
            compared = TERM.fullmatch(term)
            assert compared, f"this runner cannot read {term!r}"
            due = due and values.get(compared[1], "") != compared[2]
    return due

"""The machine as checks see it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError
from bootstrap.core.writing import writing
from bootstrap.course.model import Course
from bootstrap.generation import Generation
from bootstrap.generation.contents import Found
from bootstrap.host import command as commands
from bootstrap.host.command import Command, Result
from bootstrap.host.host import Host, HostView
from bootstrap.inside import INSIDE as COMMON
from bootstrap.machine.blueprint import Blueprint
from bootstrap.machine.inside import environment_inside
from bootstrap.runtimes.runtime import Runtime

T = TypeVar("T")

INSIDE = Path(__file__).parent / "inside"
"""What runs in the environment's own interpreter, not in ours; COMMON is what proofs run, too."""

DEADLINE_S = 120.0
"""Seconds for one program of a check."""


@dataclass(frozen=True)
class Subject:
    """What a check may look at, and how it asks.

    scratch is a folder of this run alone, gone at its end;
    host is for what a check has to make and removes again, in an engine.
    """

    blueprint: Blueprint
    view: HostView
    host: Host
    scratch: Path
    cancel: Cancel
    _known: dict[str, Any] = field(default_factory=dict, repr=False)
    _locks: dict[str, threading.Lock] = field(default_factory=dict, repr=False)
    _guard: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def course(self) -> Course:
        """The course that the machine is for."""
        return self.blueprint.loaded.course

    @property
    def generation(self) -> Generation:
        """The environment that has to be in use."""
        return self.blueprint.generation

    @property
    def prefix(self) -> Path:
        """The folder of the environment."""
        return self.generation.prefix

    @property
    def runtime(self) -> Runtime:
        """How the services run."""
        return self.blueprint.runtime

    @property
    def repository(self) -> Path:
        """The folder of the course repository."""
        return self.course.repository.folder(self.view.paths.home)

    def once(self, what: str, look: Callable[[], T]) -> T:
        """What look gives; checks that ask for the same thing by this name share one look."""
        with self._guard:
            lock = self._locks.setdefault(what, threading.Lock())
        with lock:
            if what not in self._known:
                self._known[what] = look()
            return cast("T", self._known[what])

    def found(self) -> Found:
        """The packages whose metadata are in the environment; looked for once a run."""
        return self.once("found", lambda: Found.read(self.prefix))

    def query(
        self, *argv: str, env: Mapping[str, str] | None = None, deadline: float = 10.0
    ) -> Result:
        """Ask a program of the machine something read-only and quick; one that is missing or slow
        counts as code 127."""
        return commands.query(argv, env, deadline)

    def inside(self, *argv: str, env: Mapping[str, str] | None = None) -> Result:
        """Run a program of the environment as the student does after activating it.

        Raises BootstrapError E-COMMAND-DEADLINE, E-COMMAND-MISSING, E-NOT-UP.
        """
        around = {**environment_inside(self.blueprint, self.view), **(env or {})}
        program = (str(self.prefix / "bin" / argv[0]), *argv[1:])
        what = Command(program, around, self.scratch, deadline=DEADLINE_S, isolated=True)
        return commands.run(what, self.cancel)

    def ask(self, script: str, question: Any = None) -> Any:
        """Have a script of `inside` answer a question, both JSON, in the environment's interpreter.

        Raises BootstrapError E-VERIFY-INSIDE with the last line that it printed where it fails, and
        what inside() raises.
        """
        file = next(at for at in (INSIDE / f"{script}.py", COMMON / f"{script}.py") if at.exists())
        folder = self.scratch / script
        asked, answered = folder / "asked.json", folder / "answered.json"
        with writing(folder):
            folder.mkdir(exist_ok=True)
            asked.write_text(json.dumps(question))
        # -I: what lies in the script's own folder must not stand for a module of the environment.
        done = self.inside("python", "-I", str(file), str(asked), str(answered))
        if done.code != 0 or not answered.exists():
            said = done.output.strip().splitlines()
            raise BootstrapError(
                "E-VERIFY-INSIDE",
                said[-1] if said else f"{script}.py ended with code {done.code}",
                where=str(self.prefix),
                remedy="`mlops-bootstrap verify --only environment --deep` names damaged files",
            )
        return json.loads(answered.read_text())

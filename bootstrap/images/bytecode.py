"""Bytecode in an image: of what is started from it, and the same bytes whoever makes it, and when.

Without any, the first import of MLflow takes three times as long, at every start of a container;
all of it would be a quarter of the image. So what is started is imported, and the bytecode of what
that brought in is kept. Compiling takes most of the time, so it is kept in the cache as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Job
from bootstrap.core.writing import writing
from bootstrap.host.command import Command
from bootstrap.host.files import write_atomically
from bootstrap.host.host import Host

INSIDE = Path(__file__).parent / "inside"
DEADLINE = 900.0


@dataclass(frozen=True, slots=True)
class Started:
    """Modules that one process begins with; path is for modules outside of site-packages, and then
    those alone are seen."""

    modules: tuple[str, ...]
    path: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles in the interpreter of an environment.

    placed says where folders will be in the image; folder is for this build alone; kept, in the
    cache, is for all.
    """

    python: Path
    placed: Mapping[Path, str]
    folder: Path
    kept: Path
    host: Host
    job: Job

    def compiled(self, started: Sequence[Started], key: str) -> dict[Path, Path]:
        """Bytecode of all that these processes import: the file of it for the source it is of.

        key stands for everything that decides what is imported: what is known of an earlier build
        is used again, if every source is the one that it was. Raises BootstrapError
        E-ENVIRONMENT-BROKEN, E-COMMAND-DEADLINE, E-WRITE, E-DISK-FULL.
        """
        with writing(self.folder):
            self.kept.mkdir(parents=True, exist_ok=True)
            (self.folder / "home").mkdir(parents=True)
        note = self.kept / f"imported-{key}.json"
        try:
            return self._written(json.loads(note.read_bytes()))
        except (OSError, ValueError):  # nothing is known, or it cannot be read
            found = self._imported(started)
        except BootstrapError as error:
            if error.code != "E-ENVIRONMENT-BROKEN":  # what is known fits no more
                raise
            found = self._imported(started)
        write_atomically(note, json.dumps(found, sort_keys=True).encode())
        return self._written(found)

    def _imported(self, started: Sequence[Started]) -> dict[str, str]:
        """The names of kept bytecode by the place of the source that it is of."""

        def names(number: int) -> dict[str, str]:
            one = started[number]
            asked = self.folder / f"asked-{number}.json"
            answered = self.folder / f"answered-{number}.json"
            question = {
                "modules": one.modules,
                "path": [str(path) for path in one.path],
                "placed": {str(here): there for here, there in self.placed.items()},
                "kept": str(self.kept),
            }
            with writing(asked):
                asked.write_text(json.dumps(question))
            options = ("-I", "-S") if one.path else ("-I",)
            script = str(INSIDE / "import_modules.py")
            self._run("-W", "ignore", *options, script, str(asked), str(answered))
            return dict(json.loads(answered.read_bytes()))

        with ThreadPoolExecutor(len(started)) as pool:
            every = list(pool.map(names, range(len(started))))
        return {place: name for one in every for place, name in one.items()}

    def _written(self, found: Mapping[str, str]) -> dict[Path, Path]:
        made, asked = self.folder / "bytecode", self.folder / "write.json"
        sources = {self._source(place): place for place in sorted(found)}
        lines = [
            [str(self.kept / found[place]), str(source), place, str(made / found[place])]
            for source, place in sources.items()
        ]
        with writing(made):
            made.mkdir(exist_ok=True)
            asked.write_text(json.dumps(lines))
        # Not -I: it would ignore the seed of the hashes.
        self._run("-s", "-S", str(INSIDE / "write_bytecode.py"), str(asked))
        return {source: made / found[place] for source, place in sources.items()}

    def _source(self, place: str) -> Path:
        """Where the source is now that will be at a place. Raises ValueError for no such place."""
        for here, there in self.placed.items():
            if place.startswith(f"{there}/"):
                return here / place[len(there) + 1 :]
        raise ValueError(place)

    def _run(self, *arguments: str) -> None:
        home = self.folder / "home"
        around = {
            "HOME": str(home),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONSAFEPATH": "1",
            "GIT_PYTHON_REFRESH": "quiet",
        }
        argv = (str(self.python), *arguments)
        try:
            command = Command(argv, around, home, deadline=DEADLINE, isolated=True)
            self.host.run(command, self.job, quiet=True)
        except BootstrapError as error:
            if error.code != "E-COMMAND-FAILED":
                raise
            raise BootstrapError(
                "E-ENVIRONMENT-BROKEN",
                f"the environment is installed as locked and cannot be imported: {error.what}",
                where=str(self.python.parent.parent),
                remedy="tell who made the course: its lock resolves and does not work",
            ) from error


def beside(source: str, tag: str) -> str:
    """Where Python looks for the bytecode of a source (PEP 3147); tag is such as cpython-312."""
    folder, _, file = source.rpartition("/")
    return f"{folder}/__pycache__/{file.removesuffix('.py')}.{tag}.pyc"

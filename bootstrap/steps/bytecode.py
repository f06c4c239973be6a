"""Bytecode of what the services start with: written once, instead of at every start.

uv writes none, and in the image nobody may write it. Measured on two cores: `import mlflow` 6.6 s
without and 2.0 s with, the MLflow server 19 s and 8.8 s, Prefect's 21 s and 6.5 s. Compiling all
modules took 76 s and 370 MB, importing what is started 20 s and 85 MB.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Job, Observation, Step
from bootstrap.generation import Generation
from bootstrap.generation.started import MODULES
from bootstrap.host.command import Command
from bootstrap.host.host import Host, HostView

DEADLINE = 600.0


class Bytecode(Step[HostView, Host]):
    """Compiled modules in the prefix; importing them also proves that they can be imported."""

    name = "bytecode"
    title = "Compiled modules"
    requires = frozenset({"environment"})

    def __init__(self, generation: Generation) -> None:
        self._generation = generation

    def observe(self, view: HostView) -> Observation:
        sources = self._sources()
        missing = sum(not self._compiled(source).exists() for source in sources.values())
        found = f"{missing} of {len(sources)} are not compiled" if missing else "compiled"
        return Observation(not missing, found, "compiled")

    def apply(self, host: Host, job: Job) -> None:
        modules = ", ".join(self._sources())
        with tempfile.TemporaryDirectory() as home:  # some write a profile there when imported
            argv = (str(self._generation.prefix / "bin" / "python"), "-c", f"import {modules}")
            told = {"HOME": home, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPATH": ""}
            try:
                host.run(Command(argv, told, cwd=Path(home), deadline=DEADLINE), job, quiet=True)
            except BootstrapError as error:
                raise BootstrapError(
                    "E-ENVIRONMENT-BROKEN",
                    f"the environment is installed as locked and cannot be imported: {error.what}",
                    where=str(self._generation.prefix),
                    remedy="tell who made the course: its lock resolves and does not work",
                ) from error

    def _sources(self) -> dict[str, Path]:
        """The file of each module that this environment has."""
        folder = self._generation.site_packages
        found = {}
        for module in MODULES:
            base = folder.joinpath(*module.split("."))
            for file in (base / "__init__.py", base.with_suffix(".py")):
                if file.exists():
                    found[module] = file
        return found

    def _compiled(self, source: Path) -> Path:
        """Where CPython keeps the bytecode of a file (PEP 3147)."""
        tag = "cpython-" + "".join(self._generation.python.split(".")[:2])
        return source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"

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
from bootstrap.host.host import Host

INSIDE = Path(__file__).parent / "inside"
DEADLINE = 900.0


@dataclass(frozen=True, slots=True)
class Started:
    """Modules that one process begins with; path is for modules outside of site-packages, and then
    those alone are seen."""

    modules: tuple[str, ...]
    path: tuple[Path, ...] = ()


def compiled(
    started: Sequence[Started],
    python: Path,
    placed: Mapping[Path, str],
    folder: Path,
    kept: Path,
    host: Host,
    job: Job,
) -> dict[Path, Path]:
    """Bytecode of all that these processes import: the file of it for the source it is of.

    placed says where folders will be in the image; folder is for this build alone, kept for all.
    Raises BootstrapError E-ENVIRONMENT-BROKEN, E-COMMAND-DEADLINE, E-WRITE, E-DISK-FULL.
    """
    with writing(folder):
        kept.mkdir(parents=True, exist_ok=True)
        (folder / "home").mkdir(parents=True)

    def names(number: int) -> dict[str, str]:
        one, asked, answered = (
            started[number], folder / f"asked-{number}.json", folder / f"answered-{number}.json"
        )  # fmt: skip
        question = {
            "modules": one.modules,
            "path": [str(path) for path in one.path],
            "placed": {str(here): there for here, there in placed.items()},
            "kept": str(kept),
        }
        with writing(asked):
            asked.write_text(json.dumps(question))
        options = ("-I", "-S") if one.path else ("-I",)
        argv = (*options, str(INSIDE / "import_modules.py"), str(asked), str(answered))
        _run(python, ("-W", "ignore", *argv), folder, host, job)
        return dict(json.loads(answered.read_bytes()))

    with ThreadPoolExecutor(len(started)) as pool:
        found = {
            file: name for one in pool.map(names, range(len(started))) for file, name in one.items()
        }
    return _written(found, python, folder, kept, host, job)


def _written(
    found: Mapping[str, str], python: Path, folder: Path, kept: Path, host: Host, job: Job
) -> dict[Path, Path]:
    made = folder / "bytecode"
    asked = folder / "write.json"
    files = {source: made / name for source, name in sorted(found.items())}
    lines = [[str(kept / found[source]), source, str(file)] for source, file in files.items()]
    with writing(made):
        made.mkdir()
        asked.write_text(json.dumps(lines))
    # Not -I: it would ignore the seed of the hashes.
    _run(python, ("-s", "-S", str(INSIDE / "write_bytecode.py"), str(asked)), folder, host, job)
    return {Path(source): file for source, file in files.items()}


def _run(python: Path, argv: tuple[str, ...], folder: Path, host: Host, job: Job) -> None:
    around = {
        "HOME": str(folder / "home"),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1",
        "GIT_PYTHON_REFRESH": "quiet",
    }
    command = Command(
        (str(python), *argv), around, folder / "home", deadline=DEADLINE, isolated=True
    )
    try:
        host.run(command, job, quiet=True)
    except BootstrapError as error:
        if error.code != "E-COMMAND-FAILED":
            raise
        raise BootstrapError(
            "E-ENVIRONMENT-BROKEN",
            f"the environment is installed as locked and cannot be imported: {error.what}",
            where=str(python.parent.parent),
            remedy="tell who made the course: its lock resolves and does not work",
        ) from error


def beside(source: str, tag: str) -> str:
    """Where Python looks for the bytecode of a source (PEP 3147); tag is such as cpython-312."""
    folder, _, file = source.rpartition("/")
    return f"{folder}/__pycache__/{file.removesuffix('.py')}.{tag}.pyc"

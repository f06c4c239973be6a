"""Imports point one way. What a folder may import is listed here and nowhere else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "bootstrap"
MAY_IMPORT = {
    "core": set(),
    "course": {"core"},
    "host": {"core"},
    "inside": set(),
    "sources": {"core"},
    "checks": {"core", "host"},
    "report": {"core"},
    "preflight": {"core", "course", "host"},
    "generation": {"core", "course", "host"},
    "steps": {"core", "course", "generation", "host", "sources"},
    "runtimes": {"core", "course", "generation", "host", "sources"},
    "export": {"core", "course", "generation"},
    "registry": {"core", "sources"},
    "images": {
        "core", "course", "export", "generation", "host", "inside", "registry", "sources", "steps",
    },
    "locking": {"core", "course", "host", "sources", "steps"},
    "proof": {
        "checks", "core", "course", "generation", "host", "inside", "runtimes", "sources", "steps",
    },
    "machine": {
        "checks", "core", "course", "generation", "host", "images", "preflight", "report",
        "runtimes", "sources", "steps",
    },
    "verify": {
        "checks", "core", "course", "generation", "host", "inside", "machine", "preflight", "proof",
        "report", "runtimes", "sources", "steps",
    },
    "support": {
        "core", "generation", "host", "machine", "report", "runtimes", "steps", "verify",
    },
    "cohort": {"core", "course", "generation", "host", "verify"},
    "cli": {
        "cohort", "core", "course", "export", "host", "images", "locking", "machine", "preflight",
        "proof", "report", "runtimes", "sources", "support", "verify",
    },
}  # fmt: skip

HEAVY = (
    "rich", "docker", "requests", "pydantic", "rattler", "tenacity", "psutil", "cyclonedx",
    "jinja2",
)  # fmt: skip


def imported(path: Path) -> set[str]:
    """The parts of the package that a module imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    parts = [name.split(".") for name in names if name.startswith("bootstrap.")]
    return {part[1] for part in parts} - {"__version__"}


@pytest.mark.parametrize("part", sorted(MAY_IMPORT))
def test_imports_point_one_way(part: str) -> None:
    folder = PACKAGE / part
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    assert files
    for file in files:
        wrong = imported(file) - MAY_IMPORT[part] - {part}
        assert not wrong, f"{file.relative_to(PACKAGE)} imports {sorted(wrong)}"


def test_every_part_has_its_place() -> None:
    parts = {p.stem for p in PACKAGE.iterdir() if p.name[0] not in "_." and p.name != "data"}
    assert parts == set(MAY_IMPORT)


def test_what_runs_in_a_course_environment_needs_nothing_of_ours() -> None:
    files = sorted(PACKAGE.rglob("inside/**/*.py"))
    assert len(files) > 1
    assert not {name for file in files for name in imported(file)}


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from bootstrap.cli.main import call; call(['--help']);"
        f" sys.exit(', '.join(m for m in {HEAVY} if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

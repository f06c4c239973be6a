from pathlib import Path

from bootstrap.course.load import load_course
from bootstrap.course.locate import find_course
from bootstrap.generation import Generation
from bootstrap.host.paths import Paths
from bootstrap.runtimes.docker.schemas import SCHEMAS


def test_revisions_are_read_from_the_migrations_of_an_environment(tmp_path: Path) -> None:
    loaded = load_course(find_course(None, {}))
    generation = Generation(loaded, "x86_64", Paths.of({"HOME": str(tmp_path)}))
    schema = SCHEMAS["mlflow"]
    assert schema.known(generation) == frozenset()
    folder = generation.site_packages / schema.migrations
    folder.mkdir(parents=True)
    (folder / "a.py").write_text('"""Revision ID: 1"""\nrevision = "0a1"\ndown_revision = "fff"\n')
    (folder / "b.py").write_text("revision: str = '0a2'\ndown_revision: str = '0a1'\n")
    (folder / "__init__.py").write_text("")
    assert schema.known(generation) == {"0a1", "0a2"}

"""A course to lock, in a folder of its own, with an index and a channel's snapshot beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bootstrap.core.cancel import Cancel
from bootstrap.course.load import load_course, read_course
from bootstrap.locking.check import Finding, check_locks
from bootstrap.locking.conda import Channels
from bootstrap.locking.make import Made, Request, make_locks
from bootstrap.locking.wheels import Resolver
from bootstrap.sources.source import Source
from tests.unit.locking.index import Index, serving
from tests.unit.locking.snapshot import write_snapshot

SHIPPED = Path(__file__).parents[3] / "envs" / "mlops-zoomcamp" / "course.yml"
BOTH = ("linux-64", "linux-aarch64")


@dataclass
class Course:
    """A course without locks, and how to lock it."""

    folder: Path
    snapshot: Path
    index: Index
    said: list[str] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return self.folder / "course.yml"

    def asks(self, *wheels: str, conda: str = "python=3.12.13") -> None:
        """Write its specifications."""
        (self.folder / "requirements.in").write_text("".join(f"{one}\n" for one in wheels))
        (self.folder / "environment.yml").write_text(
            f"channels: [conda-forge]\ndependencies:\n  - {conda}\n"
        )

    def make(self, *update: str, platforms: tuple[str, ...] = BOTH) -> Made:
        """Solve, and write nothing."""
        environ = {"UV_DEFAULT_INDEX": self.index.url}
        resolver = Resolver(environ, self.folder.parent / "uv-cache", Cancel())
        request = Request(platforms, Channels(Source(), self.snapshot), update)
        return make_locks(read_course(self.path), request, resolver, self.said.append)

    def lock(self, *update: str, platforms: tuple[str, ...] = BOTH) -> Made:
        """Solve and write."""
        made = self.make(*update, platforms=platforms)
        made.write()
        return made

    def check(self) -> tuple[Finding, ...]:
        """Hold its locks against its specifications, as a user would: digests first."""
        return check_locks(load_course(self.path))


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    # uv adds what these say to the index; the tests are about one index only.
    for name in ("UV_INDEX", "UV_FIND_LINKS", "UV_EXTRA_INDEX_URL", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    with serving(tmp_path / "index") as made:
        monkeypatch.setenv("UV_DEFAULT_INDEX", made.url)
        yield made


@pytest.fixture
def course(tmp_path: Path, index: Index) -> Course:
    folder = tmp_path / "a course"
    folder.mkdir()
    lines = SHIPPED.read_text().splitlines(keepends=True)
    pinned = [n for n, line in enumerate(lines) if line.startswith("    sha256: ")]
    text = "".join(line for n, line in enumerate(lines) if n not in pinned)
    (folder / "course.yml").write_text(text)
    return Course(folder, write_snapshot(tmp_path / "snapshot"), index)


Edit = Callable[[str, str, str], None]


@pytest.fixture
def edit(course: Course) -> Edit:
    """Replace a text that is in a file of the course just once."""

    def replace(name: str, old: str, new: str) -> None:
        file = course.folder / name
        text = file.read_text()
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {name}"
        file.write_text(text.replace(old, new))

    return replace

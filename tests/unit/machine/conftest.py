"""A home with generations in it, as the files that tell of them; nothing is installed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from bootstrap.course.load import load_course
from bootstrap.course.locate import shipped_courses
from bootstrap.generation import Generation
from bootstrap.generation.links import Links
from bootstrap.host.host import Host, this_machine
from bootstrap.machine.blueprint import Blueprint, draw, this_arch
from bootstrap.machine.selection import Selection
from tests.relocked import without

SHIPPED = shipped_courses()["mlops-zoomcamp"]


@dataclass(frozen=True)
class Home:
    """A home, and a copy of the shipped course whose locks can be changed."""

    host: Host
    course: Path

    @property
    def links(self) -> Links:
        return Links(self.host.paths.environments)

    def lock_without(self, name: str) -> None:
        """Lock the course anew, without one wheel."""
        lock = self.course.with_name("requirements.txt")
        lock.write_text(without(lock.read_text(), name))

    def draw(self, held: str = "", runtime: str = "auto") -> Blueprint:
        return draw(Selection(str(self.course), held=held, runtime=runtime), self.host)

    def install(self) -> Generation:
        """The generation of the course's locks as they are: complete, and current."""
        generation = Generation(load_course(self.course), this_arch(), self.host.paths)
        (generation.prefix / "conda-meta").mkdir(parents=True)
        for pin in generation.conda:
            name = f"{pin.name}-{pin.version}-{pin.build}.json"
            (generation.prefix / "conda-meta" / name).write_text('{"files": []}')
        for wheel in generation.wheels:
            self.add(generation, wheel.name.replace("-", "_"), wheel.version)
        generation.mark_complete()
        self.links.switch(generation.prefix)
        return generation

    def add(self, generation: Generation, name: str, version: str) -> None:
        info = generation.site_packages / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        for file in ("RECORD", "INSTALLER"):
            (info / file).touch()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    folder = tmp_path / "course"
    folder.mkdir()
    for name in ("course.yml", "conda-lock.yml", "requirements.txt"):
        shutil.copy(SHIPPED.parent / name, folder)
    course = yaml.safe_load((folder / "course.yml").read_text())
    for part in ("conda", "wheels"):
        del course["environment"][part]["sha256"]  # so that a lock can be changed
    (folder / "course.yml").write_text(yaml.safe_dump(course, sort_keys=False))
    environ = {"HOME": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/no.sock"}
    return Home(this_machine(environ)[1], folder / "course.yml")

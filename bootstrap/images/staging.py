"""The environment of an image, put together in a folder of this machine as it will be in the image.

conda packages are installed for the place where they will be, which rattler can do; wheels cannot,
so what uv wrote for the Python that it was run with is corrected: the first lines of programs.
What would tell of this machine or of the day is taken out.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from bootstrap.core.step import Job
from bootstrap.core.writing import writing
from bootstrap.course.model import SUBDIRS, Arch
from bootstrap.export.dockerfile import prefix_of
from bootstrap.export.requirements import requirement_line
from bootstrap.export.subject import Subject, tool_pins
from bootstrap.generation import Generation
from bootstrap.host.host import Host
from bootstrap.host.paths import Paths
from bootstrap.sources.source import Source

OF_MACHINE = ("extracted_package_dir", "package_tarball_full_path", "link")
"""What rattler notes of a package that is no property of the package: where its cache is."""

UV_PLATFORMS: dict[Arch, str] = {
    "x86_64": "x86_64-manylinux_2_28",
    "aarch64": "aarch64-manylinux_2_28",
}

TRAMPOLINE = re.compile(rb"#!/bin/sh\n'''exec' [^\n]*\n' '''\n")
"""How uv begins a program where the path of its Python is too long for a first line."""

FIRST_LINE = re.compile(rb"#![^\n]*\n")


@dataclass(frozen=True)
class Staging:
    """A folder of this machine with everything that an image gets from locks.

    generation is the environment in it; place is where that will be in the image; foreign says that
    its programs cannot be run here.
    """

    subject: Subject
    generation: Generation
    folder: Path
    place: str
    foreign: bool

    @classmethod
    def at(cls, folder: Path, subject: Subject, paths: Paths, here: Arch) -> Staging:
        """A staging in a folder that is there; here is this machine's architecture."""
        generation = Generation(subject.loaded, subject.arch, replace(paths, data=folder))
        place = prefix_of(subject)
        return cls(subject, generation, folder, place, subject.arch != here)

    @property
    def prefix(self) -> Path:
        """Where the environment is now."""
        return self.generation.prefix

    @property
    def tool(self) -> Path:
        """Where the packages of this tool are now."""
        return self.folder / "tool"

    @cached_property
    def python(self) -> Path:
        """A Python of the course's version that runs here."""
        return (self._runner.prefix if self.foreign else self.prefix) / "bin" / "python"

    @cached_property
    def _runner(self) -> Generation:
        here: Arch = next(arch for arch in SUBDIRS if arch != self.subject.arch)
        paths = replace(self.generation.paths, data=self.folder / "runner")
        return Generation(self.subject.loaded, here, paths)

    def install_environment(self, source: Source, host: Host, job: Job) -> None:
        """Install conda packages and wheels, and mark the environment as complete.

        Raises what install_conda() and install_wheels() raise.
        """
        from bootstrap.steps.conda import install_conda
        from bootstrap.steps.wheels import install_wheels

        wanted, cache = self.generation, host.paths.cache / "conda"
        platform = self.subject.platform
        install_conda(
            wanted.conda, self.prefix, cache, source, job,
            placed=Path(self.place), platform=platform,
        )  # fmt: skip
        if self.foreign:
            install_conda(self._runner.conda, self._runner.prefix, cache, source, job)
        install_wheels(
            wanted.requirements, wanted.wheels, self.prefix, host, job,
            into=self._into("--prefix", self.prefix) if self.foreign else (),
        )  # fmt: skip
        self._forget_machine()
        wanted.mark_complete()

    def install_tool(
        self, names: Sequence[str], own: Mapping[str, Path], host: Host, job: Job
    ) -> None:
        """Install packages of this tool by its own pins, for the environment's Python, and its own
        files by their path.

        Raises what install_wheels() raises.
        """
        from bootstrap.steps.wheels import install_wheels

        pins = tool_pins(names)
        asked = self.folder / "tool.txt"
        with writing(asked):
            asked.write_text("".join(f"{requirement_line(pin)}\n" for pin in pins))
        install_wheels(asked, pins, self.tool, host, job, into=self._into("--target", self.tool))
        for path, file in own.items():
            with writing(self.tool / path):
                (self.tool / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, self.tool / path)

    def _into(self, option: str, folder: Path) -> tuple[str, ...]:
        python = ("--python", str(self.python), option, str(folder))
        return (*python, "--python-platform", UV_PLATFORMS[self.subject.arch])

    def _forget_machine(self) -> None:
        history = self.prefix / "conda-meta" / "history"
        with writing(history):
            history.unlink(missing_ok=True)
        for metadata in (self.prefix / "conda-meta").glob("*.json"):
            record = json.loads(metadata.read_bytes())
            kept = {key: value for key, value in record.items() if key not in OF_MACHINE}
            _replace(metadata, json.dumps(kept, indent=2).encode())
        corrected = self._correct_programs()
        for record in self.generation.site_packages.glob("*.dist-info/RECORD"):
            _correct_record(record, corrected)

    def _correct_programs(self) -> dict[str, bytes]:
        """Let programs of wheels begin with the Python of the image; those that were changed, as
        their RECORD calls them."""
        corrected = {}
        for file in (self.prefix / "bin").iterdir():
            if file.is_symlink() or not file.is_file():
                continue
            if (content := self._placed(file.read_bytes())) is not None:
                _replace(file, content)
                corrected[f"../../../bin/{file.name}"] = content
        return corrected

    def _placed(self, program: bytes) -> bytes | None:
        """A program for the image, None where it does not begin with our Python."""
        head = TRAMPOLINE.match(program) or FIRST_LINE.match(program)
        if head is None or str(self.python.parent).encode() not in head[0]:
            return None
        return f"#!{self.place}/bin/python\n".encode() + program[head.end() :]


def _correct_record(record: Path, corrected: Mapping[str, bytes]) -> None:
    """Let a wheel's RECORD know its programs as they are now; two wheels may have the same one."""
    lines = list(csv.reader(io.StringIO(record.read_text())))
    ours = [line for line in lines if line[0] in corrected]
    for line in ours:
        content = corrected[line[0]]
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
        line[1:] = [f"sha256={digest.decode().rstrip('=')}", str(len(content))]
    if ours:
        written = io.StringIO()
        csv.writer(written, lineterminator="\n").writerows(lines)
        _replace(record, written.getvalue().encode())


def _replace(file: Path, content: bytes) -> None:
    """Another content for a file: what it was linked to in a cache stays as it is."""
    with writing(file):
        mode = file.stat().st_mode
        file.unlink()
        file.write_bytes(content)
        file.chmod(mode)

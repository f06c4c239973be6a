"""The model of course.yml, version 1: what a machine must have for a course."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from bootstrap.course.forms import (
    ColumnName,
    Commit,
    Constraint,
    DebianPackage,
    Destination,
    Distribution,
    DownloadUrl,
    FileName,
    Misfit,
    Need,
    ProgramName,
    RepositoryUrl,
    Sha256,
    Size,
    Slug,
    Title,
    UrlPath,
    Version,
)
from bootstrap.course.images import ImageReference

Arch = Literal["x86_64", "aarch64"]
BinaryDestination = Literal["bin", "docker-plugin"]
ColumnKind = Literal["timestamp", "integer", "float", "nullable float", "text"]

SUBDIRS: dict[Arch, str] = {"x86_64": "linux-64", "aarch64": "linux-aarch64"}
"""What conda calls the platform of each architecture."""

ARCHES: dict[str, Arch] = {subdir: arch for arch, subdir in SUBDIRS.items()}
"""The architecture of each platform of conda."""

Image = Annotated[
    ImageReference,
    PlainValidator(ImageReference.parse),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": "^[^@\\s]+@sha256:[0-9a-f]{64}$"}),
]


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a value that is in a list twice."""
    repeated = _repeated(values)
    if repeated:
        raise Misfit(*(((index,), f"{values[index]!r} is here twice") for index in repeated))
    return values


def _repeated(values: tuple[object, ...]) -> tuple[int, ...]:
    return tuple(index for index, value in enumerate(values) if value in values[:index])


class _Part(BaseModel):
    # Only Course is built: the parts are built as parts of it, once.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Requirements(_Part):
    """What the machine must be before anything is installed."""

    os: dict[Distribution, Constraint] = Field(
        min_length=1,
        description="Distributions (ID of /etc/os-release) and the versions of each that work.",
    )
    arch: tuple[Arch, ...] = Field(
        min_length=1, description="Processor architectures, as `uname -m` prints them."
    )
    glibc: Constraint = Field(description="Versions of the C library that the packages run on.")
    disk: Size = Field(description="Free disk space that an install needs, such as `10 GiB`.")
    memory: Size = Field(description="Memory of the machine, such as `3 GiB`.")

    _arch_once = field_validator("arch")(_once)


class Lock(_Part):
    """One lock: exact versions with their sha256, made from a specification."""

    lock: FileName = Field(description="The lock, a file beside course.yml.")
    specification: FileName | None = Field(
        None, description="What the lock answers, a file beside course.yml; `lock` reads it."
    )
    sha256: Sha256 | None = Field(
        None, description="Digest of the lock; `mlops-bootstrap lock` writes it here."
    )


class Environment(_Part):
    """The locks of the course environment, and what else proves that they work."""

    conda: Lock = Field(description="The conda packages: a conda-lock.yml from an environment.yml.")
    wheels: Lock = Field(
        description="The wheels: a requirements.txt with hashes from a requirements.in."
    )
    lessons: FileName | None = Field(
        None,
        description="A Python file beside course.yml with what the lessons call; `lock prove` runs"
        " it in the environment, with the services at hand.",
    )


class Repository(_Part):
    """The course repository, at one commit."""

    url: RepositoryUrl = Field(description="Address of the git repository: https, ssh or file.")
    commit: Commit = Field(description="The commit to check out, in full: 40 hexadecimal digits.")
    destination: Destination = Field(description="The folder to clone into, such as `~/course`.")

    def folder(self, home: Path) -> Path:
        """Give the destination as a path, with `~` standing for home."""
        rest = self.destination.removeprefix("~/")
        return home / rest if rest != self.destination else Path(rest)


class Binary(_Part):
    """A program that is one file, downloaded from its release page."""

    name: ProgramName = Field(description="Name of the program, and of its file.")
    version: Version = Field(description="Exact version.")
    url: DownloadUrl = Field(
        description="Address of the file; {version}, {arch} and {subdir} are filled in."
    )
    sha256: dict[Arch, Sha256] = Field(
        min_length=1, description="Digest of the file for each architecture."
    )
    destination: tuple[BinaryDestination, ...] = Field(
        min_length=1,
        description="`bin`: the folder on PATH; `docker-plugin`: the Docker CLI's plugin folder.",
    )

    _destination_once = field_validator("destination")(_once)

    @field_validator("url")
    @classmethod
    def _known_placeholders(cls, url: str) -> str:
        left = re.sub(r"\{(version|arch|subdir)\}", "", url)
        if odd := re.search(r"\{[^{}]*\}?|\}", left):
            known = "{version}, {arch} and {subdir}"
            raise ValueError(f"{odd[0]!r} stands for nothing here; {known} are filled in")
        return url

    @model_validator(mode="after")
    def _fits(self) -> Binary:
        per_arch = "{arch}" in self.url or "{subdir}" in self.url
        if not per_arch and len(set(self.sha256.values())) > 1:
            where = "write {arch} or {subdir} where the address differs by architecture"
            raise Misfit((("url",), f"one address cannot have two digests: {where}"))
        if "docker-plugin" in self.destination and not self.name.startswith("docker-"):
            saying = f"the Docker CLI finds a plugin only as docker-NAME, not {self.name!r}"
            raise Misfit((("name",), saying))
        return self

    def url_for(self, arch: Arch) -> str:
        """Give the address of the file for this architecture."""
        return self.url.format(version=self.version, arch=arch, subdir=SUBDIRS[arch])


class Service(_Part):
    """Something that runs, and how to see that it works."""

    port: int | None = Field(
        None, strict=True, ge=1, le=65535, description="Port on 127.0.0.1; none: not published."
    )
    health: UrlPath | None = Field(
        None, description="Path that answers 200 when the service is healthy, such as `/health`."
    )
    deadline: int = Field(
        180, strict=True, ge=1, le=3600, description="Seconds until it must be healthy."
    )

    @model_validator(mode="after")
    def _health_has_port(self) -> Service:
        if self.health is not None and self.port is None:
            raise Misfit((("health",), "a health path needs a port to ask: add `port:`"))
        return self


class Module(_Part):
    """A part of the course that students take one after another."""

    number: int = Field(strict=True, ge=1, le=99, description="Its number in the course.")
    title: Title = Field(description="Name of the module for people.")
    needs: tuple[Need, ...] = Field(
        min_length=1,
        description="The checks of `verify` that matter to it: areas, or codes of single checks.",
    )

    _needs_once = field_validator("needs")(_once)


class Course(_Part):
    """A course: what a machine must have."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="course.yml")

    version: Literal[1] = Field(description="Version of this format.")
    name: Slug = Field(description="Short name: it names folders and the environment.")
    title: Title = Field(description="Name of the course for people.")
    requirements: Requirements = Field(description="What the machine must be.")
    packages: tuple[DebianPackage, ...] = Field(
        (), description="Debian packages that are installed where they are absent."
    )
    environment: Environment = Field(description="The locks of the course environment.")
    repository: Repository = Field(description="The course repository.")
    binaries: tuple[Binary, ...] = Field((), description="Programs that are one file each.")
    images: dict[Slug, Image] = Field(
        {}, description="Container images by role, each `registry/repository:tag@sha256:...`."
    )
    services: dict[Slug, Service] = Field({}, description="What runs when the machine is up.")
    data: dict[Slug, dict[ColumnName, ColumnKind]] = Field(
        {}, description="Tables that the lessons read, by name: the columns and their types."
    )

    modules: tuple[Module, ...] = Field(
        (), description="The modules of the course, and the checks of `verify` that each needs."
    )

    _packages_once = field_validator("packages")(_once)

    @field_validator("binaries")
    @classmethod
    def _names_differ(cls, binaries: tuple[Binary, ...]) -> tuple[Binary, ...]:
        names = tuple(binary.name for binary in binaries)
        if repeated := _repeated(names):
            raise Misfit(*(((i, "name"), f"{names[i]!r} is here twice") for i in repeated))
        return binaries

    @field_validator("modules")
    @classmethod
    def _numbers_differ(cls, modules: tuple[Module, ...]) -> tuple[Module, ...]:
        numbers = tuple(module.number for module in modules)
        if repeated := _repeated(numbers):
            raise Misfit(*(((i, "number"), f"{numbers[i]} is here twice") for i in repeated))
        return modules

    @field_validator("services")
    @classmethod
    def _ports_differ(cls, services: dict[str, Service]) -> dict[str, Service]:
        holders: dict[int, str] = {}
        clashes = [
            ((name, "port"), f"port {service.port} is also the port of {holder}; give each its own")
            for name, service in services.items()
            if service.port is not None
            and (holder := holders.setdefault(service.port, name)) != name
        ]
        if clashes:
            raise Misfit(*clashes)
        return services

    @model_validator(mode="after")
    def _binaries_cover_arch(self) -> Course:
        gaps: list[tuple[tuple[str | int, ...], str]] = [
            (
                ("binaries", index, "sha256"),
                f"no digest for {arch}, which requirements.arch names",
            )
            for index, binary in enumerate(self.binaries)
            for arch in self.requirements.arch
            if arch not in binary.sha256
        ]
        if gaps:
            raise Misfit(*gaps)
        return self


def satisfies(constraint: str, version: str) -> bool:
    """Say whether a version (22.04, 2.39) is inside a constraint (`>=22.04`).

    What is not a version ("sid", "") is inside none.
    """
    # Imported here: a machine that is up already is told so without it.
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion

    try:
        return SpecifierSet(constraint).contains(version, prereleases=True)
    except InvalidVersion:
        return False

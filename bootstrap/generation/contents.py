"""What is in an environment: packages by name, and how two such lists differ."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["conda", "wheel"]


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One package that is not as wanted. found is empty where it is gone, wanted where nobody
    wants it; a conda package's version has its build behind it."""

    package: str
    kind: Kind
    found: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The packages of an environment: name -> version, by kind; names in PEP 503's spelling."""

    conda: Mapping[str, str]
    wheels: Mapping[str, str]

    def has(self, name: str) -> bool:
        """Whether there is a package of this name, of either kind."""
        return name in self.wheels or name in self.conda

    def differences(self, wanted: Contents) -> tuple[Difference, ...]:
        """What is to change so that this becomes what is wanted, sorted by name."""
        conda = _differences("conda", _several(self.conda), wanted.conda)
        wheels = _differences("wheel", _several(self.wheels), wanted.wheels)
        return tuple(sorted([*conda, *wheels]))

    def changed(self, differences: Iterable[Difference]) -> Contents:
        """The same with what was found to differ as it was found."""
        kinds: dict[Kind, dict[str, str]] = {"conda": {**self.conda}, "wheel": {**self.wheels}}
        for one in differences:
            kinds[one.kind].pop(one.package, None)
            if one.found:
                kinds[one.kind][one.package] = one.found
        return Contents(kinds["conda"], kinds["wheel"])


@dataclass(frozen=True, slots=True)
class Found:
    """The packages whose metadata is in a prefix; after a mishap one may be there in two versions.

    A wheel counts where RECORD and INSTALLER are there: a wheel brings the first, who installs it
    writes the other last.
    """

    prefix: Path
    conda: Mapping[str, Collection[str]]
    wheels: Mapping[str, Collection[str]]

    @classmethod
    def read(cls, prefix: Path) -> Found:
        """Look into a prefix; one that is not there has nothing in it."""
        conda: dict[str, set[str]] = {}
        for metadata in (prefix / "conda-meta").glob("*-*-*.json"):
            name, version, build = metadata.stem.rsplit("-", 2)
            conda.setdefault(name, set()).add(f"{version}-{build}")
        wheels: dict[str, set[str]] = {}
        for record in prefix.glob("lib/python3*/site-packages/*.dist-info/RECORD"):
            if (record.parent / "INSTALLER").exists():
                name, version = name_and_version(record.parent.name)
                wheels.setdefault(name, set()).add(version)
        return cls(prefix, conda, wheels)

    def contents(self) -> Contents:
        """The same with one version each."""
        conda = {name: max(versions) for name, versions in self.conda.items()}
        return Contents(conda, {name: max(versions) for name, versions in self.wheels.items()})

    def missing(self, wanted: Contents) -> tuple[Difference, ...]:
        """What is wanted and gone, or there in another version; sorted by name."""
        both = [
            *_differences("conda", self.conda, wanted.conda),
            *_differences("wheel", self.wheels, wanted.wheels),
        ]
        return tuple(sorted(one for one in both if one.wanted))

    def added(self, wanted: Contents) -> tuple[Difference, ...]:
        """What is there and not wanted: it was added by hand; sorted by name.

        A conda package of Python code brings the metadata of a wheel as well: that is no addition.
        """
        conda = [d for d in _differences("conda", self.conda, wanted.conda) if not d.wanted]
        wheels = [d for d in _differences("wheel", self.wheels, wanted.wheels) if not d.wanted]
        if wheels:  # only then: conda's metadata is large
            of_conda = set(_wheels_of_conda(self.prefix))
            wheels = [d for d in wheels if (d.package, d.found) not in of_conda]
        return tuple(sorted([*conda, *wheels]))


def _several(versions: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: (version,) for name, version in versions.items()}


def _differences(
    kind: Kind, found: Mapping[str, Collection[str]], wanted: Mapping[str, str]
) -> Iterator[Difference]:
    for name in found.keys() | wanted.keys():
        here, version = found.get(name, ()), wanted.get(name, "")
        if _canonical(version) not in map(_canonical, here):
            yield Difference(name, kind, ", ".join(sorted(here)), version)


def _wheels_of_conda(prefix: Path) -> Iterator[tuple[str, str]]:
    """Name and version of the distributions that came with conda packages."""
    for metadata in (prefix / "conda-meta").glob("*.json"):
        try:
            files = json.loads(metadata.read_bytes())["files"]
        except (OSError, ValueError, KeyError, TypeError):
            continue  # unreadable metadata owns nothing; the next install writes it anew
        for file in files:
            if file.endswith(".dist-info/METADATA"):
                yield name_and_version(file.split("/")[-2])


def name_and_version(folder: str) -> tuple[str, str]:
    """Of a `NAME-VERSION.dist-info`, the name in PEP 503's spelling; a version there has no `-`."""
    name, _, version = folder.removesuffix(".dist-info").rpartition("-")
    return _canonical(name), version


def _canonical(text: str) -> str:
    """One spelling: of a name as PEP 503 has it, and of a version (`1.0` and `1.0.0` differ)."""
    return re.sub(r"[-_.]+", "-", text).lower()

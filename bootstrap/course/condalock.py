"""Reads a conda-lock file: the conda packages of an environment, each with its sha256."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from bootstrap.core.errors import UsageError
from bootstrap.course.lockfile import lock_error, lock_text
from bootstrap.course.nodes import NotYaml, compose
from bootstrap.course.problems import Problem

# The base loader keeps every value as the text that is written: no `1.10` becomes 1.1.
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_VERSION = "1"
_ARCHIVE = re.compile(
    r"(?P<name>[a-zA-Z0-9_][\w.-]*)-(?P<version>[\w.!+~]+)-(?P<build>[\w.+]+)(\.conda|\.tar\.bz2)",
    re.ASCII,
)
_SHA256, _MD5 = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{32}")
_SCHEMES = ("https", "http", "file")


@dataclass(frozen=True, slots=True)
class CondaPin:
    """One conda package of a lock.

    subdir is where it lies in its channel (linux-64, linux-aarch64 or noarch), filename its last
    part; dependencies are match specs (`libgcc >=14`) as a channel's repodata writes them.
    """

    name: str
    version: str
    build: str
    url: str
    sha256: str
    md5: str | None
    subdir: str
    filename: str
    dependencies: tuple[str, ...]

    @property
    def channel(self) -> str:
        """The address of the channel that the package lies in."""
        return self.url.rsplit("/", 2)[0]

    @property
    def public_url(self) -> str:
        """The address without `user:password@`: what may stand in a file that is passed on."""
        parts = urlsplit(self.url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def read_conda_lock(path: Path, platform: str) -> tuple[CondaPin, ...]:
    """Read the packages of a conda-lock file (version 1) for one platform, such as linux-64.

    Packages that conda-lock marks as optional are left out, as `conda-lock install` does. Raises
    UsageError: E-COURSE-LOCK-MISSING, E-LOCK-INVALID (all that is wrong in the file, for any
    platform) or E-LOCK-PLATFORM (nothing for this one).
    """
    entries = _entries(path)
    problems: list[Problem] = []
    pins: dict[tuple[str, str], CondaPin] = {}
    for entry in entries:
        found = list(_problems(entry))
        key = (entry.text("platform"), entry.text("name"))
        if key in pins:
            found.append(entry.problem("name", f"is in the lock twice for {key[0]}"))
        problems += found
        if not found:
            pins[key] = _pin(entry)
    if problems:
        raise lock_error("E-LOCK-INVALID", path, problems)
    optional = {(e.text("platform"), e.text("name")) for e in entries if e.optional}
    chosen = tuple(pin for key, pin in pins.items() if key[0] == platform and key not in optional)
    if not chosen:
        raise _no_platform(path, platform, sorted({key[0] for key in pins}))
    return chosen


@dataclass(frozen=True, slots=True)
class _Entry:
    """One package as the file has it: values by key, `hash` and `dependencies` being nested."""

    values: dict[str, Any]
    line: int

    def text(self, key: str, below: str = "") -> str:
        """Give the text at a key, or at a key below a key; "" where there is none."""
        value = self.values.get(key, "")
        if below:
            value = value.get(below, "") if isinstance(value, dict) else ""
        return value if isinstance(value, str) else ""

    @property
    def optional(self) -> bool:
        return self.text("optional") == "true"

    def problem(self, key: str, message: str) -> Problem:
        return Problem(self.line, f"{self.text('name') or 'a package'}: {key}", message)


def _entries(path: Path) -> list[_Entry]:
    root = _root(path)
    top = _children(root)
    version, packages = top.get("version"), top.get("package")
    if not isinstance(version, yaml.ScalarNode) or version.value != _VERSION:
        message = "this is no conda-lock file of version 1 (`version: 1` at its top)"
        raise lock_error("E-LOCK-INVALID", path, [Problem(1, "version", message)])
    if not isinstance(packages, yaml.SequenceNode):
        message = "the list of packages is missing"
        raise lock_error("E-LOCK-INVALID", path, [Problem(1, "package", message)])
    return [_Entry(_plain(node), node.start_mark.line + 1) for node in packages.value]


def _root(path: Path) -> yaml.Node | None:
    text = lock_text(path)
    loader = _Loader(text)
    try:
        return compose(loader, text)
    except NotYaml as error:
        problem = Problem(error.line, "", f"not YAML: {error.message}")
        raise lock_error("E-LOCK-INVALID", path, [problem]) from None
    finally:
        loader.dispose()


def _children(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """Give the nodes below a mapping by key; none below anything else."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return {_text(key): value for key, value in pairs}


def _text(node: yaml.Node) -> str:
    # Nothing deeper is looked at: with aliases it could be endless.
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _plain(node: yaml.Node) -> dict[str, Any]:
    """Give an entry's values; two levels are all that a lock has, so deeper ones are dropped."""
    return {
        key: {below: _text(one) for below, one in _children(value).items()}
        if isinstance(value, yaml.MappingNode)
        else _text(value)
        for key, value in _children(node).items()
    }


def _problems(entry: _Entry) -> Iterator[Problem]:
    if missing := [key for key in ("name", "version", "platform", "url") if not entry.text(key)]:
        yield entry.problem(missing[0], "is missing")
        return
    manager = entry.text("manager") or "nothing"
    if manager != "conda":
        hint = "; wheels belong into requirements.txt" if manager == "pip" else ""
        yield entry.problem("manager", f"is {manager}, only conda packages are read here{hint}")
        return
    yield from _hash_problems(entry)
    yield from _url_problems(entry)


def _hash_problems(entry: _Entry) -> Iterator[Problem]:
    sha256, md5 = entry.text("hash", "sha256"), entry.text("hash", "md5")
    if not sha256:
        only = "only an md5 is there, which proves nothing" if md5 else "is missing"
        yield entry.problem("hash.sha256", only)
    elif not _SHA256.fullmatch(sha256):
        yield entry.problem("hash.sha256", f"{sha256[:70]!r} is not 64 hexadecimal digits")
    if md5 and not _MD5.fullmatch(md5):
        yield entry.problem("hash.md5", f"{md5[:70]!r} is not 32 hexadecimal digits")


def _url_problems(entry: _Entry) -> Iterator[Problem]:
    subdir, filename = _place(entry.text("url"))
    found = _ARCHIVE.fullmatch(filename)
    if not subdir or found is None:
        yield entry.problem("url", "is not the address of a conda package (SUBDIR/NAME.conda)")
        return
    if subdir not in (entry.text("platform"), "noarch"):
        yield entry.problem("url", f"is of {subdir}, the entry of {entry.text('platform')}")
    wanted = (entry.text("name"), entry.text("version"))
    if (found["name"], found["version"]) != wanted:
        yield entry.problem("url", f"{filename} is not version {wanted[1]} of {wanted[0]}")
    build = entry.text("build")
    if build and build != found["build"]:
        yield entry.problem("build", f"is {build}, the file is {filename}")


def _place(url: str) -> tuple[str, str]:
    """Give the subdir and the file name of a package's URL; empty where it is no such URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    pieces = unquote(parts.path).split("/")
    if parts.scheme not in _SCHEMES or len(pieces) < 3:  # noqa: PLR2004 - "", subdir, file
        return "", ""
    return pieces[-2], pieces[-1]


def _pin(entry: _Entry) -> CondaPin:
    url = entry.text("url")
    subdir, filename = _place(url)
    stem = filename.removesuffix(".conda").removesuffix(".tar.bz2")
    dependencies = entry.values.get("dependencies")
    specs = dependencies.items() if isinstance(dependencies, dict) else ()
    return CondaPin(
        name=entry.text("name"),
        version=entry.text("version"),
        build=stem.rpartition("-")[2],
        url=url,
        sha256=entry.text("hash", "sha256"),
        md5=entry.text("hash", "md5") or None,
        subdir=subdir,
        filename=filename,
        dependencies=tuple(f"{name} {version}".strip() for name, version in specs),
    )


def _no_platform(path: Path, platform: str, platforms: list[str]) -> UsageError:
    return UsageError(
        "E-LOCK-PLATFORM",
        f"the lock has no packages for {platform}, only for: {', '.join(platforms) or 'nothing'}",
        where=str(path),
        remedy="use a machine of one of these, or add the platform to the course with"
        " `mlops-bootstrap lock`",
    )

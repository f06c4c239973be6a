"""The shared libraries CPython needs, each a conda package under the name conda-forge gives it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.lab.commands import run
from tests.lab.conda_package import CondaPackage
from tests.lab.cpython import relocate
from tests.lab.errors import LabError

PACKAGE_OF = {
    "libbz2": "bzip2",
    "libcrypt": "libxcrypt",
    "libcrypto": "openssl",
    "libexpat": "libexpat",
    "libffi": "libffi",
    "liblzma": "liblzma",
    "libncursesw": "ncurses",
    "libpanelw": "ncurses",
    "libreadline": "readline",
    "libsqlite3": "libsqlite",
    "libssl": "openssl",
    "libtinfo": "ncurses",
    "libuuid": "libuuid",
    "libz": "libzlib",
}
# Part of the C library: conda takes these from the machine too.
OF_THE_SYSTEM = {"libc", "libdl", "libm", "libpthread", "libresolv", "librt", "libutil", "libgcc_s"}
ALSO_NEEDED = {"openssl": ("ca-certificates",)}


def needed(files: Iterable[Path]) -> dict[str, Path]:
    """Return the libraries, by their so-name, that ELF files load from outside the C library."""
    found: dict[str, Path] = {}
    for file in files:
        for soname, place in _loaded(file):
            stem = soname.split(".so")[0]
            if stem in PACKAGE_OF:
                found[soname] = place
            elif stem not in OF_THE_SYSTEM and not stem.startswith(("libpython", "linux-vdso")):
                raise LabError(f"{file.name} needs {soname}: libraries.py names no package for it")
    return found


def _loaded(file: Path) -> Iterator[tuple[str, Path]]:
    for line in run(["ldd", file]).decode().splitlines():
        if match := re.match(r"\s*(\S+) => (\S+) \(", line):
            yield match[1], Path(match[2])
        elif match := re.match(r"\s*(\S+) => not found", line):
            raise LabError(f"{file.name} needs {match[1]}, which this machine does not have")


def packages(libraries: dict[str, Path], scratch: Path) -> list[CondaPackage]:
    """Copy libraries into one tree a package; packages depend on what their libraries load."""
    made: list[CondaPackage] = []
    for name in sorted({PACKAGE_OF[soname.split(".so")[0]] for soname in libraries}):
        own = {so: at for so, at in libraries.items() if PACKAGE_OF[so.split(".so")[0]] == name}
        tree = scratch / name
        (tree / "lib").mkdir(parents=True)
        for soname, place in sorted(own.items()):
            shutil.copyfile(place.resolve(), tree / "lib" / soname)
            relocate(tree / "lib" / soname, "$ORIGIN")
        depends = {PACKAGE_OF[so.split(".so")[0]] for so in needed(own.values())} - {name}
        first = next(iter(sorted(own.items())))
        made.append(
            CondaPackage(
                name=name,
                version=_version(*first),
                tree=tree,
                depends=(*sorted(depends), *ALSO_NEEDED.get(name, ()), "__glibc >=2.17,<3.0.a0"),
            )
        )
    return made


def _version(soname: str, place: Path) -> str:
    """Return the upstream version of the Debian package that a library is from."""
    try:
        owners = run(["dpkg-query", "--search", f"*/{place.resolve().name}"]).decode()
    except LabError:  # not from a package
        return "0"
    for line in owners.splitlines():
        package, _, file = line.partition(": ")
        if Path(file).resolve() == place.resolve():
            known = run(["dpkg-query", "--show", "--showformat=${Version}", package]).decode()
            upstream = known.split(":")[-1].rsplit("-", 1)[0]
            if match := re.match(r"[0-9][0-9.]*[0-9]", upstream):
                return match[0]
    return "0"

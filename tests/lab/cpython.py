"""The machine's own CPython 3.12, made into a relocatable tree.

Kept is what makes an interpreter: the standard library, extension modules, headers. Dropped are
installed packages (nothing of this machine may ride along), tests, Tk, static libraries, bytecode.
"""

from __future__ import annotations

import fnmatch
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab.commands import run
from tests.lab.errors import LabError

SERIES = "3.12"  # of the course's lock

DROPPED_FOLDERS = {
    "__pycache__", "idlelib", "site-packages", "test", "tests", "tkinter", "turtledemo",
}  # fmt: skip
DROPPED_FILES = ("*.a", "*.pyc", "*.o", "turtle.py", "python.exe")
DROPPED_MODULES = ("_ctypes_test*", "_test*", "_tkinter*", "_xxtest*", "nis.*", "xx*")

_ASK = """
import json, sys, sysconfig
print(json.dumps({
    "version": "%d.%d.%d" % sys.version_info[:3],
    "build": sys.version,
    "prefix": sys.base_prefix,
    "library": sysconfig.get_config_var("INSTSONAME") or "",
}))
"""


@dataclass(frozen=True)
class CPython:
    """An installed interpreter of the course's series."""

    version: str
    build: str
    prefix: Path
    library: str

    @property
    def identity(self) -> str:
        """Return what tells this build of Python from another one at the same place."""
        changed = (self.prefix / "bin" / f"python{SERIES}").stat().st_mtime_ns
        return f"{self.build} {self.prefix} {changed}"


def find() -> CPython:
    """Find an interpreter of the series: pyenv's newest, else one on PATH."""
    refused: list[str] = []
    for candidate in _candidates():
        answer = json.loads(run([candidate, "-I", "-S", "-c", _ASK]))
        prefix = Path(answer.pop("prefix"))
        if prefix == Path("/usr"):
            # Debian's and Ubuntu's own python3.12 looks for packages in other folders and shares
            # its prefix with the whole system: it cannot be made relocatable.
            refused.append(f"{candidate} (a distribution's own build)")
            continue
        return CPython(prefix=prefix, **answer)
    seen = f"; refused: {', '.join(refused)}" if refused else ""
    raise LabError(
        f"the lab packs a CPython {SERIES} of this machine and finds none, neither in pyenv nor as "
        f"python{SERIES} on PATH{seen}. `pyenv install {SERIES}` helps"
    )


def _candidates() -> Iterator[Path]:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = (root / "versions").glob(f"{SERIES}.*/bin/python{SERIES}")
    yield from sorted(found, key=lambda path: _patch(path.parent.parent.name), reverse=True)
    on_path = shutil.which(f"python{SERIES}")
    # A shim of pyenv's would fail where the series is not selected: pyenv was asked above.
    if on_path and Path(on_path).parent.name != "shims":
        yield Path(on_path)


def _patch(name: str) -> int:
    number = name.removeprefix(f"{SERIES}.")
    return int(number) if number.isdigit() else -1


def copy_tree(python: CPython, tree: Path) -> list[Path]:
    """Copy the interpreter below `tree`; return the ELF files with relative library paths set."""
    library = Path("lib") / f"python{SERIES}"
    shutil.copytree(python.prefix / library, tree / library, symlinks=True, ignore=_dropped)
    (tree / library / "site-packages").mkdir()
    (tree / library / "site-packages" / "README.txt").write_text("Packages are installed here.\n")
    headers = Path("include") / f"python{SERIES}"
    shutil.copytree(python.prefix / headers, tree / headers, symlinks=True)
    (tree / "bin").mkdir()
    for name in (f"python{SERIES}", f"python{SERIES}-config", f"pydoc{SERIES}"):
        if (python.prefix / "bin" / name).exists():
            shutil.copy2(python.prefix / "bin" / name, tree / "bin" / name, follow_symlinks=True)
    for name in ("python", "python3"):
        (tree / "bin" / name).symlink_to(f"python{SERIES}")
    binaries = {tree / "bin" / f"python{SERIES}": "$ORIGIN/../lib"}
    if python.library.startswith("libpython") and ".so" in python.library:
        shutil.copy2(python.prefix / "lib" / python.library, tree / "lib" / python.library)
        binaries[tree / "lib" / python.library] = "$ORIGIN"
    for module in sorted((tree / library / "lib-dynload").glob("*.so")):
        binaries[module] = "$ORIGIN/../.."
    for file, rpath in binaries.items():
        relocate(file, rpath)
    return list(binaries)


def _dropped(folder: str, names: list[str]) -> set[str]:
    patterns = DROPPED_FILES + (DROPPED_MODULES if Path(folder).name == "lib-dynload" else ())
    gone = {name for pattern in patterns for name in fnmatch.filter(names, pattern)}
    return gone | (DROPPED_FOLDERS & set(names))


def relocate(file: Path, rpath: str) -> None:
    """Strip an ELF file and let it find its libraries relative to itself."""
    file.chmod(0o755)
    run(["strip", "--strip-unneeded", file])
    run(["patchelf", "--set-rpath", rpath, file])

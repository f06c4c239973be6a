"""What this machine is: its distribution, processor, C library and memory. Reads, never asks."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

OS_RELEASE = ("etc/os-release", "usr/lib/os-release")
"""Where a distribution says what it is, first match (os-release(5))."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Facts of one machine.

    arch is what `uname -m` prints; glibc is a version such as 2.36, empty where the C library is
    another one; os_version is empty where the distribution has none (Debian sid); sizes are bytes;
    systemd says whether it runs, not whether it is installed; cores are those we may use.
    """

    os_id: str
    os_version: str
    pretty_name: str
    os_like: tuple[str, ...]
    arch: str
    glibc: str
    memory_bytes: int
    swap_bytes: int
    wsl: bool
    systemd: bool
    cores: int


def read_machine(root: Path = Path("/")) -> Machine:
    """Read the facts of this machine, its files below root. What cannot be read is empty or 0."""
    release = os_release(next((t for name in OS_RELEASE if (t := _text(root / name))), ""))
    memory = meminfo(_text(root / "proc/meminfo"))
    return Machine(
        os_id=release.get("ID", "linux"),
        os_version=release.get("VERSION_ID", ""),
        pretty_name=release.get("PRETTY_NAME", "Linux"),
        os_like=tuple(release.get("ID_LIKE", "").split()),
        arch=os.uname().machine,
        glibc=_glibc(),
        memory_bytes=memory.get("MemTotal", 0),
        swap_bytes=memory.get("SwapTotal", 0),
        wsl="microsoft" in _text(root / "proc/version").lower(),
        systemd=(root / "run/systemd/system").is_dir(),
        cores=len(os.sched_getaffinity(0)),
    )


def os_release(text: str) -> dict[str, str]:
    """The assignments of an os-release file; a line that the shell could not read is left out."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, sign, value = line.strip().partition("=")
        if not sign or key.startswith("#"):
            continue
        try:
            found[key] = "".join(shlex.split(value, comments=True)[:1])
        except ValueError:
            continue
    return found


def meminfo(text: str) -> dict[str, int]:
    """The figures of /proc/meminfo in bytes; it writes kB and means KiB (proc_meminfo(5))."""
    found: dict[str, int] = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        number, _, unit = value.strip().partition(" ")
        if number.isdigit():
            found[name] = int(number) * (1024 if unit == "kB" else 1)
    return found


def existing_parent(path: Path) -> Path:
    """The path, or the nearest folder above it that is there and that we may look at."""
    for candidate in (path, *path.parents):
        try:
            candidate.stat()
        except OSError:
            continue
        return candidate
    return Path("/")


def free_bytes(path: Path) -> int:
    """Bytes that a user can still write on the filesystem of the path, or of its parent."""
    return shutil.disk_usage(existing_parent(path)).free


def free_by_filesystem(paths: Mapping[str, Path]) -> dict[int, tuple[Path, int, tuple[str, ...]]]:
    """Group paths, named by purpose, by the filesystem they are or will be on.

    Gives for each device number the nearest existing folder of the first path, the free bytes there
    and the purposes.
    """
    found: dict[int, tuple[Path, int, tuple[str, ...]]] = {}
    for purpose, path in paths.items():
        folder = existing_parent(path)
        device = folder.stat().st_dev
        first, free, purposes = found.get(device) or (folder, free_bytes(folder), ())
        found[device] = (first, free, (*purposes, purpose))
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _glibc() -> str:
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    except (ValueError, OSError):  # musl knows no such name
        return ""
    return version if name == "glibc" else ""

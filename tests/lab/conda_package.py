"""One real .conda package: a zip of two zstd-compressed tars, with the metadata conda reads.

The bytes depend on the content alone (fixed times, sorted names, one owner), so that a digest in a
lock stays true when the same content is packed again.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.commands import run

TIMESTAMP = 1_700_000_000  # of every file and record: nothing in a package tells when it was built
LEVEL = "-3"  # of zstd: higher ones cost many times more and prove nothing
PREFIX_LENGTH = 255  # conda's own: long enough for any place a package is installed to
PLACEHOLDER = ("/opt/lab_build/" + "placehold_" * 26)[:PREFIX_LENGTH]


@dataclass(frozen=True)
class CondaPackage:
    """What a package is called and what it holds: the files below `tree`."""

    name: str
    version: str
    tree: Path
    depends: tuple[str, ...] = ()
    subdir: str = "linux-64"
    noarch: str | None = None
    build: str = "lab_0"
    license: str = "LicenseRef-lab"
    prefix: str | None = None  # text files that hold this path are rewritten at installation
    entry_points: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """Return the name of the package's file, without its extension."""
        return f"{self.name}-{self.version}-{self.build}"

    def write(self, channel: Path) -> Path:
        """Pack into the channel's folder for the package's platform."""
        content, paths = _pack_tree(self.tree, self.prefix)
        target = channel / self.subdir / f"{self.stem}.conda"
        target.parent.mkdir(parents=True, exist_ok=True)
        members = {
            "metadata.json": json.dumps({"conda_pkg_format_version": 2}).encode(),
            f"pkg-{self.stem}.tar.zst": _compressed(content),
            f"info-{self.stem}.tar.zst": _compressed(_tar(self._info(paths))),
        }
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            for name, data in members.items():
                archive.writestr(zipfile.ZipInfo(name, (2023, 11, 14, 0, 0, 0)), data)
        return target

    def _info(self, paths: list[dict[str, Any]]) -> dict[str, bytes]:
        index: dict[str, Any] = {
            "arch": None if self.noarch else "x86_64",
            "build": self.build,
            "build_number": 0,
            "depends": list(self.depends),
            "license": self.license,
            "name": self.name,
            "platform": None if self.noarch else "linux",
            "subdir": self.subdir,
            "timestamp": TIMESTAMP * 1000,
            "version": self.version,
        }
        if self.noarch:
            index["noarch"] = self.noarch
        replaced = [entry for entry in paths if "prefix_placeholder" in entry]
        info = {
            "info/index.json": _json(index),
            "info/paths.json": _json({"paths": paths, "paths_version": 1}),
            "info/files": "".join(f"{entry['_path']}\n" for entry in paths).encode(),
            "info/about.json": _json({"summary": "stand-in built by the lab of mlops-bootstrap"}),
        }
        if replaced:
            lines = [f"{PLACEHOLDER} text {entry['_path']}\n" for entry in replaced]
            info["info/has_prefix"] = "".join(lines).encode()
        if self.noarch == "python":
            link = {"type": "python", "entry_points": list(self.entry_points)}
            info["info/link.json"] = _json({"noarch": link, "package_metadata_version": 1})
        return info


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True).encode()


def _compressed(data: bytes) -> bytes:
    # One thread: the bytes of the multi-threaded format depend on how the input is cut.
    return run(["zstd", "-q", LEVEL, "--single-thread", "-c"], data=data)


def _pack_tree(tree: Path, prefix: str | None) -> tuple[bytes, list[dict[str, Any]]]:
    """Tar the files of a tree and describe each for paths.json."""
    buffer = io.BytesIO()
    paths: list[dict[str, Any]] = []
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for file in sorted(tree.rglob("*")):
            if file.is_dir() and not file.is_symlink():
                continue
            name = file.relative_to(tree).as_posix()
            member = _member(name)
            if file.is_symlink():
                member.type, member.linkname, member.mode = (
                    tarfile.SYMTYPE,
                    str(file.readlink()),
                    0o777,
                )
                archive.addfile(member)
                paths.append(_path_entry(name, file.read_bytes(), "softlink"))
                continue
            data = file.read_bytes()
            entry = {}
            if prefix and prefix.encode() in data and b"\0" not in data:
                data = data.replace(prefix.encode(), PLACEHOLDER.encode())
                entry = {"file_mode": "text", "prefix_placeholder": PLACEHOLDER}
            member.size = len(data)
            member.mode = 0o755 if file.stat().st_mode & 0o100 else 0o644
            archive.addfile(member, io.BytesIO(data))
            paths.append(_path_entry(name, data, "hardlink") | entry)
    return buffer.getvalue(), paths


def _path_entry(name: str, data: bytes, kind: str) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    return {"_path": name, "path_type": kind, "sha256": digest, "size_in_bytes": len(data)}


def _tar(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            member = _member(name)
            member.size = len(files[name])
            archive.addfile(member, io.BytesIO(files[name]))
    return buffer.getvalue()


def _member(name: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.mtime = TIMESTAMP
    member.mode = 0o644
    return member

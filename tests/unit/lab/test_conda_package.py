"""A package's bytes follow its content alone, and its metadata tells the truth."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from tests.lab.commands import run
from tests.lab.conda_package import PLACEHOLDER, PREFIX_LENGTH, CondaPackage


def tree_at(folder: Path, prefix: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "lib").mkdir()
    (folder / "bin" / "tool").write_text(f"#!{prefix}/bin/python\n")
    (folder / "bin" / "tool").chmod(0o755)
    (folder / "bin" / "alias").symlink_to("tool")
    (folder / "lib" / "data.so").write_bytes(b"\0" + prefix.encode())
    return folder


def members(package: Path, part: str) -> dict[str, tuple[tarfile.TarInfo, bytes]]:
    with zipfile.ZipFile(package) as archive:
        (name,) = (name for name in archive.namelist() if name.startswith(part))
        data = run(["zstd", "-q", "-d", "-c"], data=archive.read(name))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        found = {}
        for member in tar:
            handle = tar.extractfile(member) if member.isfile() else None
            found[member.name] = (member, handle.read() if handle else b"")
        return found


def info(package: Path, name: str) -> Any:
    return json.loads(members(package, "info-")[f"info/{name}"][1])


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    digests = set()
    for place in ("one", "two"):
        tree = tree_at(tmp_path / place / "tree", "/same/prefix")
        made = CondaPackage("tool", "1.0", tree, prefix="/same/prefix").write(tmp_path / place)
        digests.add(hashlib.sha256(made.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_the_prefix_is_replaced_in_text_alone(tmp_path: Path) -> None:
    tree = tree_at(tmp_path / "tree", "/old/prefix")
    made = CondaPackage("tool", "1.0", tree, prefix="/old/prefix").write(tmp_path)
    packed = members(made, "pkg-")
    assert len(PLACEHOLDER) == PREFIX_LENGTH
    assert packed["bin/tool"][1] == f"#!{PLACEHOLDER}/bin/python\n".encode()
    assert packed["lib/data.so"][1] == b"\0/old/prefix"
    paths = {entry["_path"]: entry for entry in info(made, "paths.json")["paths"]}
    assert paths["bin/tool"]["prefix_placeholder"] == PLACEHOLDER
    assert "prefix_placeholder" not in paths["lib/data.so"]
    for name, (member, data) in packed.items():
        if member.isfile():
            assert paths[name]["sha256"] == hashlib.sha256(data).hexdigest()
            assert paths[name]["size_in_bytes"] == len(data)


def test_modes_and_links_are_kept(tmp_path: Path) -> None:
    made = CondaPackage("tool", "1.0", tree_at(tmp_path / "tree", "/p")).write(tmp_path)
    packed = members(made, "pkg-")
    assert packed["bin/tool"][0].mode == 0o755
    assert packed["lib/data.so"][0].mode == 0o644
    assert packed["bin/alias"][0].linkname == "tool"
    assert {(m.uid, m.gid, m.uname) for m, _ in packed.values()} == {(0, 0, "")}


def test_a_python_package_says_its_commands(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "site-packages").mkdir(parents=True)
    (tree / "site-packages" / "tool.py").write_text("def main(): ...\n")
    made = CondaPackage(
        "tool", "1.0", tree, subdir="noarch", noarch="python", entry_points=("tool = tool:main",)
    ).write(tmp_path)
    assert made.parent.name == "noarch"
    assert info(made, "index.json")["noarch"] == "python"
    assert info(made, "link.json")["noarch"]["entry_points"] == ["tool = tool:main"]

"""Layers: the same entries make the same bytes, and what was made is not made again."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError, Interrupted
from bootstrap.images import layers
from bootstrap.images.entries import OPEN, Entry, as_tar
from bootstrap.images.layers import make_layers
from bootstrap.images.layout import Layer, Layout

MOMENT = 315532801


def packed(*entries: Entry) -> bytes:
    return b"".join(as_tar(entries, MOMENT))


def members(tar: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return {member.name: member for member in archive}


def test_order_times_and_owners_of_this_machine_leave_no_trace(tmp_path: Path) -> None:
    file = tmp_path / "program"
    file.write_bytes(b"#!/bin/sh\n")
    file.chmod(0o700)
    one, other = Entry.of_file("opt/b", file), Entry("opt/a", b"text")
    first = packed(one, other)
    os.utime(file, (1, 1))
    file.chmod(0o711)
    assert packed(other, Entry.of_file("opt/b", file)) == first
    found = members(first)
    assert list(found) == ["opt", "opt/a", "opt/b"]
    assert [found[name].mode for name in found] == [0o755, 0o644, 0o755]
    assert {(m.uid, m.gid, m.mtime, m.uname) for m in found.values()} == {(0, 0, MOMENT, "")}


def test_links_folders_and_long_names_are_kept(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("../elsewhere")
    long = f"opt/{'long/' * 40}name"
    found = members(
        packed(
            Entry.of_file("opt/link", tmp_path / "link"),
            Entry(long, b"x"),
            Entry.folder("var/data", OPEN),
            Entry.folder("home/student", owner=1000),
        )
    )
    assert found["opt/link"].linkname == "../elsewhere"
    assert found[long].size == 1
    assert found["var/data"].mode == 0o1777
    assert found["home/student"].uid == 1000


def test_of_two_entries_at_one_path_the_last_counts() -> None:
    assert members(packed(Entry("a", b"1"), Entry("a", b"22")))["a"].size == 2


def test_a_file_that_shrinks_or_goes_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"0123456789")
    entry = Entry.of_file("file", file)
    chunks = entry.chunks(20)
    assert next(chunks) == b"0123456789"
    with pytest.raises(BootstrapError, match="changed while the image was made"):
        next(chunks)
    file.unlink()
    with pytest.raises(BootstrapError, match="changed while the image was made"):
        packed(entry)


def made(entries: dict[str, list[Entry]], folder: Path) -> list[Layer]:
    return make_layers(entries, Layout(folder), MOMENT, Cancel(), lambda _: None)


def test_gzip_reads_what_was_compressed_in_several_members(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "MEMBER", 5000)
    content = bytes(range(256)) * 100
    (layer,) = made({"one": [Entry("file", content)]}, tmp_path)
    blob = Layout(tmp_path).blob(layer.descriptor.digest)
    tar = gzip.decompress(blob.read_bytes())
    assert tar == packed(Entry("file", content))
    assert layer.unpacked == len(tar)
    done = subprocess.run(["gzip", "-dc", str(blob)], capture_output=True, check=True)
    assert done.stdout == tar


def test_what_was_compressed_is_not_compressed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = {"one": [Entry("a", b"1")], "two": [Entry("b", b"2")]}
    first = made(entries, tmp_path)
    assert [layer.comment for layer in first] == ["one", "two"]
    monkeypatch.setattr(layers, "_compressed", None)
    assert made({"other words": entries["one"]}, tmp_path)[0].descriptor == first[0].descriptor


@pytest.mark.parametrize(
    "damage",
    [lambda whole: whole[:-1], lambda whole: whole[:-1] + b"?"],
    ids=["cut off", "changed"],
)
def test_a_damaged_blob_is_made_again(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    entries = {"one": [Entry("a", b"1" * 10_000)]}
    (layer,) = made(entries, tmp_path)
    blob = Layout(tmp_path).blob(layer.descriptor.digest)
    whole = blob.read_bytes()
    blob.write_bytes(damage(whole))
    assert made(entries, tmp_path)[0].descriptor == layer.descriptor
    assert blob.read_bytes() == whole


def test_an_interrupted_layer_leaves_nothing(tmp_path: Path) -> None:
    cancel = Cancel()
    cancel.request()
    with pytest.raises(Interrupted):
        make_layers(
            {"one": [Entry("a", b"1" * layers.MEMBER)]},
            Layout(tmp_path), MOMENT, cancel, lambda _: None,
        )  # fmt: skip
    assert not list(tmp_path.rglob("*.*"))
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]

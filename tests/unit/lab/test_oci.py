"""An image's digests follow its content alone and name one another rightly."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile

from tests.lab.oci import Entry, Image, Layer, digest


def image(text: bytes = b"hello") -> Image:
    entries = (Entry("folder", 0o1777, 70), Entry("folder/run.sh", data=text))
    return Image((Layer.of_entries(entries, "test"),), {"Cmd": ["sh"]})


def test_the_same_content_gives_the_same_digest() -> None:
    assert digest(image().index_bytes()) == digest(image().index_bytes())
    assert digest(image().index_bytes()) != digest(image(b"other").index_bytes())


def test_each_document_names_the_next() -> None:
    made = image()
    (entry,) = json.loads(made.index_bytes())["manifests"]
    assert entry["digest"] == digest(made.manifest_bytes())
    assert entry["size"] == len(made.manifest_bytes())
    manifest = json.loads(made.manifest_bytes())
    assert manifest["config"]["digest"] == digest(made.config_bytes())
    (layer,) = made.layers
    assert manifest["layers"][0]["digest"] == digest(layer.data)
    inside = "sha256:" + hashlib.sha256(gzip.decompress(layer.data)).hexdigest()
    assert json.loads(made.config_bytes())["rootfs"]["diff_ids"] == [inside]


def test_entries_keep_mode_and_owner() -> None:
    (layer,) = image().layers
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(layer.data))) as tar:
        folder, file = tar.getmembers()
        assert (folder.isdir(), folder.mode, folder.uid) == (True, 0o1777, 70)
        handle = tar.extractfile(file)
        assert handle is not None
        assert handle.read() == b"hello"

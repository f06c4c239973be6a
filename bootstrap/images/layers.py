"""Layers: a tar as it is compressed, always to the same bytes.

Compressed by libdeflate, which comes pinned with this tool: zlib differs from machine to machine,
and zlib-ng and ISA-L even from processor to processor. Its level 4 gives 140 MiB/s a core, where
zlib needs its level 4 for the same size and gives 71. A gzip file may have several members (RFC
1952, 2.2), so that no layer has to be in memory as a whole.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError
from bootstrap.images.entries import Entry, as_tar
from bootstrap.images.layout import ALGORITHM, LAYER, Descriptor, Layer, Layout

MEMBER = 4 << 20
"""Bytes of the tar in one member of the gzip file."""

LEVEL = 4
MOST_AT_ONCE = 4
"""Layers at once, on as many cores; what is done between compressing is done by one at a time."""


def make_layers(
    contents: Mapping[str, Iterable[Entry]],
    layout: Layout,
    moment: int,
    cancel: Cancel,
    on_layer: Callable[[Layer], None],
) -> list[Layer]:
    """The layers of these contents, by what is said of each, in the order of the contents.

    moment is the time of each file, in seconds since 1970. Raises BootstrapError E-IMAGE-CONTEXT,
    E-WRITE, E-DISK-FULL, and Interrupted.
    """

    def make(comment: str) -> Layer:
        layer = _layer(contents[comment], comment, layout, moment, cancel)
        on_layer(layer)
        return layer

    with ThreadPoolExecutor(min(len(os.sched_getaffinity(0)), MOST_AT_ONCE)) as pool:
        return list(pool.map(make, contents))


def _layer(
    entries: Iterable[Entry], comment: str, layout: Layout, moment: int, cancel: Cancel
) -> Layer:
    listed = list(entries)
    whole, size = hashlib.sha256(), 0
    for chunk in _members(as_tar(listed, moment), cancel):
        whole.update(chunk)
        size += len(chunk)
    diff_id = ALGORITHM + whole.hexdigest()
    if known := layout.layer(diff_id):
        return Layer(known.descriptor, diff_id, known.unpacked, comment)
    with layout.new_blob() as file:
        digest, compressed = _compress(_members(as_tar(listed, moment), cancel), file, diff_id)
        layout.adopt(file, digest)
    layer = Layer(Descriptor(LAYER, digest, compressed), diff_id, size, comment)
    layout.remember(layer)
    return layer


def _compress(members: Iterable[bytes], file: IO[bytes], diff_id: str) -> tuple[str, int]:
    """Write the members compressed; gives the digest and the size in bytes of what was written."""
    from deflate import gzip_compress

    digest, tar, size = hashlib.sha256(), hashlib.sha256(), 0
    for member in members:
        tar.update(member)
        compressed = bytes(gzip_compress(member, LEVEL))
        digest.update(compressed)
        file.write(compressed)
        size += len(compressed)
    if ALGORITHM + tar.hexdigest() != diff_id:
        raise _unsteady()
    return ALGORITHM + digest.hexdigest(), size


def _members(chunks: Iterable[bytes], cancel: Cancel) -> Iterator[bytes]:
    """The same bytes in pieces of MEMBER, the last one shorter."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= MEMBER:
            cancel.check()
            yield bytes(waiting[:MEMBER])
            del waiting[:MEMBER]
    yield bytes(waiting)


def _unsteady() -> BootstrapError:
    return BootstrapError(
        "E-IMAGE-CONTEXT",
        "a file changed while the image was made from it",
        remedy="end what writes there, then run `mlops-bootstrap image build` again",
    )

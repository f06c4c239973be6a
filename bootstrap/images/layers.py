"""Layers: a tar as it is compressed, always to the same bytes.

Compressed by libdeflate, which comes pinned with this tool: zlib differs from machine to machine,
and zlib-ng and ISA-L even from processor to processor. Its level 4 gives 140 MiB/s a core, where
zlib needs its level 4 for the same size and gives 71. A gzip file may have several members (RFC
1952, 2.2), so that no layer has to be in memory as a whole.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bootstrap.core.cancel import Cancel
from bootstrap.images.entries import Entry, as_tar
from bootstrap.images.layout import ALGORITHM, Descriptor, Layer, Layout
from bootstrap.registry.media import LAYER

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
    fresh = layout.knows_no_layer()

    def make(comment: str) -> Layer:
        entries = list(contents[comment])
        # Reading twice is for nothing where nothing can be known.
        known = None if fresh else layout.layer(_diff_id(entries, moment, cancel))
        made = known or _compressed(entries, layout, moment, cancel)
        on_layer(made)
        return replace(made, comment=comment)

    with ThreadPoolExecutor(min(len(os.sched_getaffinity(0)), MOST_AT_ONCE)) as pool:
        return list(pool.map(make, contents))


def _diff_id(entries: Sequence[Entry], moment: int, cancel: Cancel) -> str:
    """The digest of the tar of entries."""
    whole = hashlib.sha256()
    for member in _members(as_tar(entries, moment), cancel):
        whole.update(member)
    return ALGORITHM + whole.hexdigest()


def _compressed(entries: Sequence[Entry], layout: Layout, moment: int, cancel: Cancel) -> Layer:
    """The layer of entries, compressed into the layout."""
    from deflate import gzip_compress

    tar, blob, unpacked, size = hashlib.sha256(), hashlib.sha256(), 0, 0
    with layout.new_blob() as file:
        for member in _members(as_tar(entries, moment), cancel):
            tar.update(member)
            unpacked += len(member)
            compressed = bytes(gzip_compress(member, LEVEL))
            blob.update(compressed)
            size += len(compressed)
            file.write(compressed)
        descriptor = Descriptor(LAYER, ALGORITHM + blob.hexdigest(), size)
        layout.adopt(file, descriptor.digest)
    layer = Layer(descriptor, ALGORITHM + tar.hexdigest(), unpacked)
    layout.remember(layer)
    return layer


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

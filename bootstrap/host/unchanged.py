"""Files that an image is made of: each stays as it is until all of it is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap.core.errors import BootstrapError

CHUNK = 1 << 20


@contextmanager
def unchanged(file: Path) -> Iterator[None]:
    """An OSError in here becomes BootstrapError E-IMAGE-CONTEXT."""
    try:
        yield
    except OSError as error:
        raise _changed(file) from error


def read_unchanged(file: Path, size: int) -> Iterator[bytes]:
    """The content of a file in pieces, as many bytes as it had when its size was read.

    Raises BootstrapError E-IMAGE-CONTEXT where it is shorter by now, or gone.
    """
    left = size
    with unchanged(file), file.open("rb") as opened:
        while left and (chunk := opened.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
    if left:
        raise _changed(file)


def _changed(file: Path) -> BootstrapError:
    return BootstrapError(
        "E-IMAGE-CONTEXT",
        "a file changed while the image was made from it",
        where=str(file),
        remedy="end what writes there, then run the same command again",
    )

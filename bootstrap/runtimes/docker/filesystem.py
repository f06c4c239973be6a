"""The file system of the course image, as one tar stream: the base, then the environment.

Nothing is copied to disk first, and the engine unpacks it in one go: 27 s for 1.2 GB in 40,000
files on two cores, where `COPY` in a Dockerfile took 115 s and `ADD` of a tar 75 s.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bootstrap.host.unchanged import CHUNK, read_unchanged, unchanged

BLOCK = tarfile.BLOCKSIZE
DIRECTORY_MODE = 0o755


def file_system(
    base: Iterable[bytes], prefix: Path, on_progress: Callable[[int, int], None]
) -> Iterator[bytes]:
    """Give a tar of everything in base (a tar stream itself) and in the prefix.

    The prefix has its absolute path, belongs to root and can be read by everybody, and so can the
    folders above it. on_progress gets (bytes of the prefix given, bytes in all). Raises
    BootstrapError E-IMAGE-CONTEXT when a file of the prefix shrinks while it is read.
    """
    above = {str(parent.relative_to("/")) for parent in prefix.parents[:-1]}
    yield from _copied(base, above)
    for name in sorted(above):  # what the base does not have; no path may be in a layer twice
        yield _folder(name).tobuf(tarfile.GNU_FORMAT)
    members = list(_below(prefix))
    total = sum(info.size for _, info in members)
    done = 0
    for path, info in members:
        yield from _member(path, info)
        done += info.size
        on_progress(done, total)
    yield b"\0" * (2 * BLOCK)


def _copied(base: Iterable[bytes], above: set[str]) -> Iterator[bytes]:
    """The members of a tar stream without the zeros that end it, so that more can follow.

    Folders named in above are opened to everybody (/root is closed in most bases), and their names
    are taken out of it.
    """
    # PAX headers carry what the other formats cannot: capabilities of files, and long names.
    with tarfile.open(fileobj=io.BufferedReader(_Stream(base), CHUNK), mode="r|") as archive:
        for info in archive:
            name = info.name.removeprefix("./")
            if name in above:
                above.remove(name)
                info.mode |= DIRECTORY_MODE
            yield info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
            content = archive.extractfile(info) if info.isreg() else None
            if content is not None:
                while chunk := content.read(CHUNK):
                    yield chunk
                yield _padding(info.size)


class _Stream(io.RawIOBase):
    """Chunks of bytes as a file that can be read once."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader hands in
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = chunk
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


def _folder(name: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mode = tarfile.DIRTYPE, DIRECTORY_MODE
    return info


def _below(prefix: Path) -> Iterator[tuple[Path, tarfile.TarInfo]]:
    for folder, folders, files in os.walk(prefix):
        here = Path(folder)
        links = [name for name in folders if (here / name).is_symlink()]
        yield here, _header(here)
        for name in sorted(files + links):
            yield here / name, _header(here / name)


def _header(path: Path) -> tarfile.TarInfo:
    with unchanged(path):
        stat = path.lstat()
    name = str(path.relative_to("/"))
    info = _folder(name) if path.is_dir() and not path.is_symlink() else tarfile.TarInfo(name)
    info.mtime = int(stat.st_mtime)
    if path.is_symlink():
        info.type, info.linkname = tarfile.SYMTYPE, str(path.readlink())
    elif not info.isdir():
        executable = stat.st_mode & 0o111
        info.size, info.mode = stat.st_size, 0o755 if executable else 0o644
    return info


def _member(path: Path, info: tarfile.TarInfo) -> Iterator[bytes]:
    yield info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
    if info.isreg():
        yield from read_unchanged(path, info.size)
        yield _padding(info.size)


def _padding(size: int) -> bytes:
    return b"\0" * (-size % BLOCK)

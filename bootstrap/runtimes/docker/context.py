"""The build context of the course image: a tar stream made from the installed environment.

Nothing is copied to disk first. The prefix goes in as one member, env.tar, so that the engine
unpacks it once, straight into the image.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bootstrap.core.errors import BootstrapError

CHUNK = 1 << 20
BLOCK = tarfile.BLOCKSIZE
READABLE_DIRECTORY = 0o755


def build_context(
    files: Iterable[Path], prefix: Path, on_progress: Callable[[int, int], None]
) -> Iterator[bytes]:
    """Give the bytes of a build context: files beside each other, and the prefix as env.tar.

    In env.tar the prefix has its absolute path, belongs to root and can be read by everybody.
    on_progress gets (bytes given, bytes in all). Raises BootstrapError E-IMAGE-CONTEXT when a file
    shrinks while it is read.
    """
    for file in files:
        info = _header(file, file.name)
        yield from _member(file, info)
    members = list(_members(prefix))
    size = sum(len(_encoded(info)) + _padded(info.size) for _, info in members) + 2 * BLOCK
    env = tarfile.TarInfo("env.tar")
    env.size = size
    yield _encoded(env)
    done = 0
    for path, info in members:
        yield from _member(path, info)
        done += len(_encoded(info)) + _padded(info.size)
        on_progress(done, size - 2 * BLOCK)
    yield b"\0" * (2 * BLOCK + _padded(size) - size)
    yield b"\0" * (2 * BLOCK)


def _members(prefix: Path) -> Iterator[tuple[Path, tarfile.TarInfo]]:
    for parent in reversed(prefix.parents[:-1]):
        info = tarfile.TarInfo(str(parent.relative_to("/")))
        info.type, info.mode = tarfile.DIRTYPE, READABLE_DIRECTORY
        yield parent, info
    for folder, folders, files in os.walk(prefix):
        here = Path(folder)
        links = [name for name in folders if (here / name).is_symlink()]
        yield here, _header(here, str(here.relative_to("/")))
        for name in sorted(files + links):
            path = here / name
            yield path, _header(path, str(path.relative_to("/")))


def _header(path: Path, name: str) -> tarfile.TarInfo:
    stat = path.lstat()
    info = tarfile.TarInfo(name)
    info.mtime = int(stat.st_mtime)
    if path.is_symlink():
        info.type, info.linkname = tarfile.SYMTYPE, str(path.readlink())
    elif path.is_dir():
        info.type, info.mode = tarfile.DIRTYPE, READABLE_DIRECTORY
    else:
        executable = stat.st_mode & 0o111
        info.size, info.mode = stat.st_size, 0o755 if executable else 0o644
    return info


def _member(path: Path, info: tarfile.TarInfo) -> Iterator[bytes]:
    yield _encoded(info)
    if not info.isreg():
        return
    left = info.size
    with path.open("rb") as file:
        while left and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
    if left:
        raise BootstrapError(
            "E-IMAGE-CONTEXT",
            "a file of the environment changed while the image was made from it",
            where=str(path),
            remedy="end what writes into the environment, then run `mlops-bootstrap up` again",
        )
    yield b"\0" * (_padded(info.size) - info.size)


def _encoded(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK

"""What a layer is made of: files, folders and links, with nothing in them of the machine or day."""

from __future__ import annotations

import stat
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bootstrap.host.unchanged import read_unchanged, unchanged

EXECUTABLE, READABLE, OPEN = 0o755, 0o644, 0o1777


@dataclass(frozen=True, slots=True)
class Entry:
    """One member of a layer.

    path is where it is in the image, without a leading slash; content is a file of this machine,
    the bytes themselves, or None for a folder; link is what a symlink leads to. owner is both uid
    and gid.
    """

    path: str
    content: Path | bytes | None = None
    mode: int = READABLE
    link: str = ""
    owner: int = 0

    @classmethod
    def of_file(cls, path: str, file: Path) -> Entry:
        """A file or a symlink of this machine; of its mode only counts whether it can be run."""
        with unchanged(file):
            found = file.lstat().st_mode
            if stat.S_ISLNK(found):
                return cls(path, link=str(file.readlink()), mode=0o777)
        return cls(path, file, EXECUTABLE if found & 0o111 else READABLE)

    @classmethod
    def folder(cls, path: str, mode: int = EXECUTABLE, owner: int = 0) -> Entry:
        """A folder."""
        return cls(path, None, mode, owner=owner)

    def header(self, moment: int) -> tarfile.TarInfo:
        """The member's header; moment is its time, in seconds since 1970."""
        info = tarfile.TarInfo(self.path)
        info.mode, info.mtime = self.mode, moment
        info.uid = info.gid = self.owner
        if self.link:
            info.type, info.linkname = tarfile.SYMTYPE, self.link
        elif self.content is None:
            info.type = tarfile.DIRTYPE
        else:
            info.size = self._size()
        return info

    def chunks(self, size: int) -> Iterator[bytes]:
        """The content, which has to be of this size in bytes.

        Raises BootstrapError E-IMAGE-CONTEXT where the file is another one by now.
        """
        if isinstance(self.content, Path):
            yield from read_unchanged(self.content, size)
        else:
            yield self.content or b""

    def _size(self) -> int:
        if not isinstance(self.content, Path):
            return len(self.content or b"")
        with unchanged(self.content):
            return self.content.stat().st_size


def as_tar(entries: Iterable[Entry], moment: int) -> Iterator[bytes]:
    """The entries as a tar, sorted by path, with the folders above them; the same entries and
    moment give the same bytes. Raises BootstrapError E-IMAGE-CONTEXT."""
    for entry in _with_folders(entries):
        info = entry.header(moment)
        # PAX is the one format of POSIX; it has room for long names.
        yield info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
        if info.isreg():
            yield from entry.chunks(info.size)
            yield b"\0" * (-info.size % tarfile.BLOCKSIZE)
    yield b"\0" * (2 * tarfile.BLOCKSIZE)


def _with_folders(entries: Iterable[Entry]) -> list[Entry]:
    """Sorted by path; a path that is there twice counts as it came last."""
    found = {entry.path: entry for entry in entries}
    for path in list(found):
        for above in PurePosixPath(path).parents:
            if str(above) == "." or str(above) in found:
                break
            found[str(above)] = Entry.folder(str(above))
    return [found[path] for path in sorted(found)]

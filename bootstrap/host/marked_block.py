"""Our marked block in a file of the user; everything else in that file stays byte for byte."""

from __future__ import annotations

import stat
from pathlib import Path

from bootstrap.core.errors import BootstrapError
from bootstrap.core.writing import writing
from bootstrap.host.files import write_atomically

BEGIN = b"# >>> mlops-bootstrap >>>\n"
END = b"# <<< mlops-bootstrap <<<\n"


def with_block(content: bytes, body: bytes, where: str) -> bytes:
    """The content with our block holding body: replaced where it is, else in front of everything.

    In front, because .bashrc returns early in a shell that is not interactive, such as the one
    that `ssh HOST COMMAND` starts. Raises BootstrapError E-SHELL-BLOCK where the marks are broken.
    """
    begins, ends = content.count(BEGIN), content.count(END)
    if begins == ends == 0:
        return BEGIN + body + END + content
    start, stop = content.find(BEGIN), content.find(END)
    if begins != 1 or ends != 1 or start > stop:
        line = content[: max(start, 0)].count(b"\n") + 1
        raise BootstrapError(
            "E-SHELL-BLOCK",
            "the marks of our block are broken; the file was left as it is",
            where=f"{where}:{line}",
            remedy="delete the lines from '# >>> mlops-bootstrap' to '# <<< mlops-bootstrap'",
        )
    return content[:start] + BEGIN + body + END + content[stop + len(END) :]


def without_block(content: bytes) -> bytes:
    """The content as it was before with_block()."""
    start, stop = content.find(BEGIN), content.find(END)
    if start < 0 or stop < start:
        return content
    return content[:start] + content[stop + len(END) :]


def put_block(path: Path, body: bytes) -> None:
    """Write the block into the file, made when missing; its mode and owner stay.

    Raises BootstrapError E-SHELL-BLOCK, E-WRITE or E-DISK-FULL.
    """
    with writing(path):
        content = path.read_bytes() if path.exists() else b""
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
    wanted = with_block(content, body, str(path))
    if wanted != content:
        write_atomically(path, wanted, mode)


def has_block(path: Path, body: bytes) -> bool:
    """Whether the file holds our block with just this body."""
    try:
        return BEGIN + body + END in path.read_bytes()
    except OSError:
        return False


def block_in(path: Path) -> str:
    """Our block with its marks, as it stands in the file and nothing else of it; empty where there
    is none. Raises BootstrapError E-SHELL-BLOCK where the marks are broken, and OSError."""
    content = path.read_bytes() if path.exists() else b""
    with_block(content, b"", str(path))
    start, stop = content.find(BEGIN), content.find(END)
    return "" if start < 0 else content[start : stop + len(END)].decode(errors="replace")

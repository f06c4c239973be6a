"""Writes bytecode as Python reads it (PEP 552), for files that will not change: ASKED, JSON.

Asked: [[bytecode as import_modules.py kept it, the source, where that will be, where the bytecode
goes], ...]. Fails where a source is another one than it was then. In an interpreter
that did nothing else, in this order and without random hashes, the same bytes come out: marshal
marks what is referred to from more than one place, anywhere in memory.
"""

import hashlib
import importlib.util
import json
import marshal
import sys
from pathlib import Path

UNCHECKED = (1).to_bytes(4, "little")
"""Flags of bytecode that goes by the source's hash, and is not compared with it at imports."""


def main(asked: Path) -> None:
    """Write every file."""
    for kept, source, place, target in json.loads(asked.read_bytes()):
        content = Path(source).read_bytes()
        name = hashlib.sha256(f"{sys.version}\0{place}\0".encode() + content).hexdigest()
        if name != Path(kept).name:
            raise SystemExit(f"{source} is not what was compiled")
        code = marshal.loads(Path(kept).read_bytes())  # noqa: S302 - we have just made it
        head = importlib.util.MAGIC_NUMBER + UNCHECKED + importlib.util.source_hash(content)
        Path(target).write_bytes(head + marshal.dumps(code))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

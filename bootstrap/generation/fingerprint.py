"""One value for a set of packages: equal wherever the same names and versions are installed."""

from __future__ import annotations

import hashlib
import re

from bootstrap.generation.contents import Contents


def fingerprint(contents: Contents) -> str:
    """The SHA-256 (in hex) of one line `KIND NAME VERSION` for each package, sorted.

    A conda package's build is left out and so is the processor in its name (`ld_impl_linux-64`):
    both differ between machines that were made from the same lock.
    """
    conda = [
        f"conda {re.sub('linux-(64|aarch64)$', 'linux', name)} {version.rpartition('-')[0]}\n"
        for name, version in contents.conda.items()
    ]
    wheels = [f"wheel {name} {version}\n" for name, version in contents.wheels.items()]
    return hashlib.sha256("".join(sorted([*conda, *wheels])).encode()).hexdigest()

"""Running a tool of the machine, with its output in the error when it fails."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.lab.errors import LabError

# What each tool is in, so that a missing one is answered with the package to install.
PACKAGE_OF = {
    "git": "git",
    "mmdebstrap": "mmdebstrap",
    "patchelf": "patchelf",
    "strip": "binutils",
    "zstd": "zstd",
}


def apt_requirements() -> list[str]:
    """Name the Debian packages that building and serving the lab needs."""
    # uidmap: mmdebstrap needs it where it is not run by root.
    return sorted({*PACKAGE_OF.values(), "debian-archive-keyring", "uidmap"})


def missing_tools() -> list[str]:
    """Name the tools of the lab that this machine does not have."""
    return [tool for tool in PACKAGE_OF if shutil.which(tool) is None]


def require_tools() -> None:
    """Fail with the command that installs what is missing."""
    if missing := missing_tools():
        packages = " ".join(sorted({PACKAGE_OF[tool] for tool in missing}))
        raise LabError(
            f"the lab needs {', '.join(missing)}, not found on PATH: "
            f"sudo apt-get install {packages}"
        )


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    data: bytes | None = None,
    deadline: float = 600,
) -> bytes:
    """Run a command to its end and return its stdout; its stderr is shown only on failure."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env=env,
            input=data,
            stdin=subprocess.DEVNULL if data is None else None,
            capture_output=True,
            timeout=deadline,
            check=False,
        )
    except FileNotFoundError as error:
        raise LabError(f"{words[0]} is not on this machine") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{' '.join(words)} did not end within {deadline:.0f} s") from error
    if done.returncode != 0:
        tail = (done.stderr or done.stdout).decode(errors="replace").strip()[-2000:]
        raise LabError(f"{' '.join(words)} ended with {done.returncode}:\n{tail}")
    return done.stdout

"""What a figure was measured on: without it a figure says nothing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

PACKAGES = ("mlops-bootstrap", "py-rattler", "uv", "docker", "pydantic")
PROGRAMS = {
    "ansible-core": ("ansible", "--version"),
    "docker-cli": ("docker", "--version"),
    "dockerd": ("dockerd", "--version"),
    "git": ("git", "--version"),
}


def machine() -> dict[str, Any]:
    """The machine, as far as it matters to a figure."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    release = platform.freedesktop_os_release()
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "system": release.get("PRETTY_NAME", platform.system()),
        "kernel": platform.release(),
        "load_at_start": round(os.getloadavg()[0], 2),
    }


def versions() -> dict[str, str]:
    """The versions of both sides; what is not here is left out."""
    found = {"python": platform.python_version(), "commit": _commit()}
    found |= {name: importlib.metadata.version(name) for name in PACKAGES}
    found |= {name: said for name, argv in PROGRAMS.items() if (said := _version(argv))}
    return found


def _cpu() -> str:
    match = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return match[1] if match else platform.machine()


def _commit() -> str:
    here = Path(__file__).parent
    return _said(("git", "-C", str(here), "describe", "--always", "--dirty")).strip()


def _version(argv: tuple[str, ...]) -> str:
    match = re.search(r"\d+\.\d+[^\s,\])]*", _said(argv))
    return match[0] if match else ""


def _said(argv: tuple[str, ...]) -> str:
    try:
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{argv[0]}: {error}", file=sys.stderr)
        return ""

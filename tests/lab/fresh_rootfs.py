"""The file system of a fresh machine: Debian packages, two accounts, nothing of the tool's."""

from __future__ import annotations

import platform
import shlex
import subprocess
from pathlib import Path

from tests.lab.cache import build_once, digest_of
from tests.lab.engine import TOOLS as ENGINE_TOOLS
from tests.lab.engine import EngineError, require_tools

PACKAGES = [
    *("systemd", "systemd-sysv", "dbus", "dbus-user-session", "libpam-systemd", "sudo"),
    *("python3", "python3-venv", "ca-certificates", "iproute2", "procps"),
]
TOOLS = {**ENGINE_TOOLS, "mmdebstrap": "mmdebstrap", "setpriv": "util-linux"}
PARTS = Path(__file__).with_name("fresh_host")


class FreshHostError(EngineError):
    """The fresh host could not be built or did not start, or a command in it failed."""


def apt_requirements() -> list[str]:
    """Name the Debian packages that a fresh host needs on this machine."""
    return sorted({*TOOLS.values(), "debian-archive-keyring"})


def build_rootfs(cache: Path) -> Path:
    """Build the root file system, or return the one built from the same inputs."""
    require_tools(TOOLS)
    parts = [Path(__file__), *PARTS.iterdir(), *_apt_sources(), *apt_settings()]
    inputs = {"packages": " ".join(PACKAGES), "suite": _suite(), "machine": platform.machine()}
    key = digest_of((path for path in parts if path.is_file()), inputs)
    return build_once(cache, "fresh-host", key, _bootstrap) / "rootfs.tar"


def _bootstrap(folder: Path) -> None:
    command = [
        *("mmdebstrap", "--quiet", f"--include={','.join(PACKAGES)}"),
        *(f"--aptopt={path}" for path in apt_settings()),
        f'--customize-hook={shlex.quote(str(PARTS / "customize.sh"))} "$1"',
        *(_suite(), str(folder / "rootfs.tar"), *map(str, _apt_sources())),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise FreshHostError(said(done))


def _suite() -> str:
    """The fresh host runs what this machine runs: that suite is known to be reachable."""
    return platform.freedesktop_os_release()["VERSION_CODENAME"]


def _apt_sources() -> list[Path]:
    """The machine's own sources, without those of other vendors (whose keys are not inside)."""
    candidates = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").iterdir()]
    files = [path for path in candidates if path.suffix in {".list", ".sources"} and path.is_file()]
    return sorted(path for path in files if _suite() in path.read_text())


def apt_settings() -> list[Path]:
    """How apt fetches on this machine: proxies, certificates, checks of a mirror."""
    files = Path("/etc/apt/apt.conf.d").iterdir()
    return sorted(path for path in files if path.is_file() and "Acquire::" in path.read_text())


def said(done: subprocess.CompletedProcess[str]) -> str:
    """A command that failed, with the end of its output."""
    tail = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
    return f"exit code {done.returncode}: {' '.join(map(str, done.args))}\n{tail}"

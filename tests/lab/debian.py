"""Debian packages of any suite, fetched with an apt state of our own.

Neither the machine's package lists nor its installed packages are touched or needed: the source
list is made from the machine's own with the suite replaced, so that the lab reaches exactly the
mirror that the machine reaches.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.commands import run
from tests.lab.errors import LabError

SOURCES = Path("/etc/apt")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def mirror(etc_apt: Path = SOURCES) -> str:
    """Return the address of the machine's main Debian archive (no security, no third party)."""
    for address in _addresses(etc_apt):
        if re.search(r"/debian/?$", address):
            return address.rstrip("/")
    raise LabError(
        f"no Debian archive among the apt sources below {etc_apt}: "
        "the lab is built from Debian packages, so it needs a Debian machine"
    )


def _addresses(etc_apt: Path) -> list[str]:
    parts = etc_apt / "sources.list.d"
    found: list[str] = []
    for file in sorted(parts.glob("*.sources")):
        for line in file.read_text().splitlines():
            if line.lower().startswith("uris:"):
                found += line.split()[1:]
    for file in [etc_apt / "sources.list", *sorted(parts.glob("*.list"))]:
        if file.is_file():
            found += re.findall(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+)", file.read_text(), re.MULTILINE)
    return found


def source_line(suite: str) -> str:
    """Return the one-line apt source of a suite on the machine's mirror."""
    return f"deb [signed-by={KEYRING}] {mirror()} {suite} main"


@dataclass(frozen=True)
class Suite:
    """A Debian suite with its private apt state in a scratch folder."""

    name: str
    state: Path

    @classmethod
    def open(cls, name: str, scratch: Path) -> Suite:
        """Fetch the package list of a suite into a new state folder below `scratch`."""
        state = scratch / f"apt-{name}"
        for folder in ("lists/partial", "archives/partial"):
            (state / folder).mkdir(parents=True)
        (state / "status").touch()
        (state / "sources.list").write_text(source_line(name) + "\n")
        suite = cls(name, state)
        suite._apt("apt-get", "update")
        return suite

    def fetch(self, package: str, target: Path) -> str:
        """Download one package, unpack it into `target` (nothing is run) and return its version."""
        folder = self.state / "fetched" / package
        folder.mkdir(parents=True)
        self._apt("apt-get", "download", f"{package}:amd64", cwd=folder)
        (archive,) = folder.glob("*.deb")
        run(["dpkg", "-x", archive, target])
        return run(["dpkg-deb", "--field", archive, "Version"]).decode().strip()

    def _apt(self, tool: str, *words: str, cwd: Path | None = None) -> bytes:
        options = {
            "Dir::State": self.state,
            "Dir::State::status": self.state / "status",
            "Dir::Cache": self.state,
            "Dir::Etc::sourcelist": self.state / "sources.list",
            "Dir::Etc::sourceparts": self.state / "none",
            "Acquire::Languages": "none",
            "APT::Architecture": "amd64",
            "APT::Sandbox::User": "root",  # the state is ours alone: user _apt cannot write there
        }
        flags = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        environment = {**os.environ, "LC_ALL": "C"}
        return run([tool, "-qq", *flags, *words], cwd=cwd, env=environment)


def fetch_first(
    package: str, suites: Sequence[str], scratch: Path, target: Path
) -> tuple[str, str]:
    """Fetch a package from the first suite that offers it; return its suite and version."""
    problems: list[str] = []
    for name in suites:
        try:
            return name, Suite.open(name, scratch).fetch(package, target)
        except LabError as error:
            problems.append(f"{name}: {error}")
    raise LabError(f"no suite offers {package}:\n" + "\n".join(problems))

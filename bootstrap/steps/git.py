"""git, asked so that neither a person's settings nor a weak network get in the way."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from bootstrap.core.errors import BootstrapError, TransientError
from bootstrap.core.retry import retrying
from bootstrap.core.step import Job
from bootstrap.host.command import Command, Result, query
from bootstrap.host.host import Host
from bootstrap.sources.source import without_credentials

STALL_SECONDS = 30
"""git's own stall detection: less than 1 byte/s for this long ends the transfer."""

DEADLINE = 1800.0
NETWORK_SIGNS = (
    "could not resolve host", "failed to connect", "couldn't connect", "could not connect",
    "connection", "timed out", "timeout", "early eof", "rpc failed", "http 5", "error: 5",
    "error: 429", "too slow", "hung up", "disconnect", "transfer closed", "expected flush",
    "empty reply", "invalid index-pack output",
)  # fmt: skip
REFUSED_SIGNS = ("not found", "authentication failed", "could not read username", "error: 403")
REMEDY = "check the network and proxy, or use a mirror: --source URL"


class Git:
    """git for one repository address. What it says becomes notes of the job."""

    def __init__(self, host: Host, job: Job, address: str) -> None:
        if host.which("git") is None:
            raise BootstrapError(
                "E-COMMAND-MISSING",
                "there is no program 'git' on this machine",
                remedy="install it: sudo apt-get install git",
            )
        self._host = host
        self.job = job
        self._shown = without_credentials(address)
        self._environment = _environment(host, address, self._shown)
        parts = urlsplit(address)
        hidden = (parts.password or "", unquote(parts.password or ""))
        self._secrets = tuple(secret for secret in hidden if secret)

    def run(self, *arguments: str) -> None:
        """Run git; raise E-COMMAND-FAILED where it fails."""
        # Hooks and background work of a person's settings are not part of a clone.
        ours = ("-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "maintenance.auto=false")
        argv = ("git", *ours, *arguments)
        command = Command(argv, self._environment, deadline=DEADLINE, secrets=self._secrets)
        self._host.run(command, self.job)

    def inside(self, folder: Path, *arguments: str) -> None:
        """Run git in a clone."""
        # Named outright: GIT_DIR of whoever started us would win over the current folder.
        self.run("-C", str(folder), f"--git-dir={folder / '.git'}", *arguments)

    def ask(self, folder: Path, *arguments: str) -> Result:
        """Ask git something read-only about a clone."""
        argv = ("git", f"--git-dir={folder / '.git'}", f"--work-tree={folder}", *arguments)
        return query(argv, self._environment)

    def fetch(self, folder: Path, *what: str) -> None:
        """Fetch from the address into a clone, again where the network is why it failed.

        Raises TransientError E-HOST-UNREACHABLE, BootstrapError E-DOWNLOAD where there is no such
        repository, E-COMMAND-FAILED for everything else.
        """
        refspecs = tuple(word for word in what if not word.startswith("--"))
        options = tuple(word for word in what if word.startswith("--"))
        slow = ("-c", "http.lowSpeedLimit=1", "-c", f"http.lowSpeedTime={STALL_SECONDS}")
        at = ("-C", str(folder), f"--git-dir={folder / '.git'}", *slow)
        fetch = ("fetch", "--no-write-fetch-head", "--no-tags", "--progress", *options)
        for attempt in retrying(self.job):
            with attempt:
                try:
                    self.run(*at, *fetch, self._shown, *refspecs)
                except BootstrapError as error:
                    raise self._explained(error) from error

    def _explained(self, error: BootstrapError) -> BootstrapError:
        if error.code != "E-COMMAND-FAILED":
            return error
        low, last = error.what.lower(), error.what.splitlines()[-1].strip()
        if any(sign in low for sign in NETWORK_SIGNS):
            what = f"git could not fetch: {last}"
            return TransientError("E-HOST-UNREACHABLE", what, where=self._shown, remedy=REMEDY)
        if any(sign in low for sign in REFUSED_SIGNS):
            what = f"the server does not give the repository: {last}"
            return BootstrapError("E-DOWNLOAD", what, where=self._shown, remedy=REMEDY)
        return error


def _environment(host: Host, address: str, shown: str) -> dict[str, str]:
    """No questions, and the address as it is.

    A rewriting rule of the longest match wins (git-config(1), url.<base>.insteadOf): this one
    undoes a person's own (https to ssh, say, which would ask for a key), and keeps a password of
    the address out of the process list.
    """
    count = host.environ.get("GIT_CONFIG_COUNT", "0")
    number = int(count) if count.isdigit() else 0
    return {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_SSH_COMMAND": host.environ.get("GIT_SSH_COMMAND", "ssh -oBatchMode=yes"),
        "GIT_CONFIG_COUNT": str(number + 1),
        f"GIT_CONFIG_KEY_{number}": f"url.{address}.insteadOf",
        f"GIT_CONFIG_VALUE_{number}": shown,
    }

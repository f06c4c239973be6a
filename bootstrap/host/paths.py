"""Where this tool keeps what: the XDG folders of the user who runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

APP = "mlops-bootstrap"


@dataclass(frozen=True, slots=True)
class Paths:
    """Every folder of ours below one home, each with one purpose.

    data: what was installed (environments, binaries); cache: what can be fetched again; state: the
    journal; config: passwords and the choice of course; run: the machine-wide lock.
    """

    home: Path
    data: Path
    cache: Path
    state: Path
    config: Path
    run: Path

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Paths:
        """Paths by the XDG base directory specification (0.8): relative values are ignored."""
        home = Path(environ.get("HOME") or Path.home())

        def folder(variable: str, default: str) -> Path:
            value = Path(environ.get(variable, ""))
            return (value if value.is_absolute() else home / default) / APP

        return cls(
            home=home,
            data=folder("XDG_DATA_HOME", ".local/share"),
            cache=folder("XDG_CACHE_HOME", ".cache"),
            state=folder("XDG_STATE_HOME", ".local/state"),
            config=folder("XDG_CONFIG_HOME", ".config"),
            run=Path(environ.get("MLOPS_BOOTSTRAP_RUN_DIR", "/run/lock")),
        )

    @property
    def bin(self) -> Path:
        """The folder that the shell block puts on PATH."""
        return self.data / "bin"

    @property
    def environments(self) -> Path:
        """Where generations are, with the `current` link."""
        return self.data / "envs"

    @property
    def journal(self) -> Path:
        """The journal of all runs."""
        return self.state / "journal.jsonl"

    @property
    def docker_plugins(self) -> Path:
        """Where the docker CLI looks for a user's plugins (docs.docker.com/engine/cli/)."""
        return self.home / ".docker" / "cli-plugins"

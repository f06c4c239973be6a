"""A service of this user's own systemd: it begins with the machine, and again where it fails."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from bootstrap.core.cancel import Cancel
from bootstrap.core.writing import writing
from bootstrap.host import command
from bootstrap.host.command import Command
from bootstrap.host.files import write_atomically

LINGERING = Path("/var/lib/systemd/linger")
"""Where logind keeps whose systemd runs also while they are not logged in (`loginctl`)."""

WANTED_BY = "default.target"
"""What a user's systemd reaches when it has begun."""

STOPS = 40
"""Seconds that it has to end, before what is left of it is killed."""


@dataclass(frozen=True, slots=True)
class UserUnit:
    """A unit by its name, of the user with this home."""

    name: str
    home: Path

    @property
    def file(self) -> Path:
        """Where systemd looks for it."""
        return self.home / ".config" / "systemd" / "user" / f"{self.name}.service"

    @property
    def lasts(self) -> bool:
        """Whether this user's systemd runs, and stays when they log out: what it is given would end
        with their last session otherwise."""
        user = _user()
        return user is not None and self._is_heard and (LINGERING / user.pw_name).exists()

    @property
    def _is_heard(self) -> bool:
        """Whether this user's systemd runs and looks into this home; it does not go by $HOME."""
        user = _user()
        own = user is not None and Path(user.pw_dir) == self.home
        return own and (_runtime() / "systemd").is_dir()

    def start(self, what: Command, log: Path, cancel: Cancel) -> None:
        """Have it run, now and from now on. Raises BootstrapError E-COMMAND-FAILED, E-WRITE."""
        write_atomically(self.file, unit(what, log).encode())
        _systemctl("daemon-reload", cancel=cancel)
        _systemctl("enable", self.name, cancel=cancel)
        _systemctl("restart", self.name, cancel=cancel)

    def remove(self, cancel: Cancel) -> None:
        """Have it end, and never again begin. Raises BootstrapError E-COMMAND-FAILED, E-WRITE."""
        if not self.file.exists():
            return
        if heard := self._is_heard:
            _systemctl("disable", "--now", self.name, cancel=cancel)
        with writing(self.file):
            self.file.unlink()
            (self.file.parent / f"{WANTED_BY}.wants" / self.file.name).unlink(missing_ok=True)
        if heard:
            _systemctl("daemon-reload", cancel=cancel)


def unit(what: Command, log: Path) -> str:
    """A command as a unit of systemd (systemd.service(5)), its output added to a file."""
    lines = [
        "# Written by mlops-bootstrap.",
        "[Unit]",
        "Description=Services of a course, as mlops-bootstrap set them up",
        "[Service]",
        f"ExecStart={' '.join(_quoted(word).replace('$', '$$') for word in what.argv)}",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in sorted(what.env.items())),
        f"WorkingDirectory={_plain(str(what.cwd or '~'))}",
        f"StandardOutput=append:{_plain(str(log))}",
        "StandardError=inherit",
        "Restart=on-failure",
        "RestartSec=1",
        "KillMode=mixed",
        "OOMPolicy=continue",  # one program of it that took too much memory is not all of it
        f"TimeoutStopSec={STOPS}",
        "[Install]",
        f"WantedBy={WANTED_BY}",
    ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(word: str) -> str:
    escaped = _plain(word).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _user() -> pwd.struct_passwd | None:
    """This user's account; in a container a process may have a number that has none."""
    try:
        return pwd.getpwuid(os.getuid())
    except KeyError:
        return None


def _runtime() -> Path:
    """Where systemd answers; the variable that names it is set by logins only."""
    return Path(f"/run/user/{os.getuid()}")


def _systemctl(*arguments: str, cancel: Cancel) -> None:
    argv = ("systemctl", "--user", *arguments)
    command.check(Command(argv, {"XDG_RUNTIME_DIR": str(_runtime())}, deadline=2.0 * STOPS), cancel)

"""Who may read and write what is secret: our passwords, ssh keys, cloud credentials.

Nothing is mended here: a wrong move in ~/.ssh locks a student out of the own machine.
"""

from __future__ import annotations

import os
import pwd
import shlex
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from bootstrap.core.listing import first_few
from bootstrap.verify.check import Check, Finding, failed, passed, skipped, warning
from bootstrap.verify.subject import Subject

READABLE, WRITABLE = 0o077, 0o022
"""Bits of a mode by which others than the owner read, write or enter; by which they write."""

SHOWN = 3
KEY_BYTES = 64
"""Enough for the first line of a key file, which says what it is."""


def _secrets(subject: Subject) -> Finding:
    folder = subject.view.paths.config
    if not folder.is_dir():
        return skipped("nothing secret was made yet")
    there = [folder, *_existing(folder.rglob("*"))]
    wanted = "folders 700 and files 600, yours"
    if strange := [path for path in there if not _is_ours(path)]:
        return _not_ours(strange, folder, wanted)
    if wide := _beyond(there, READABLE):
        remedy = f"chmod -R go= {shlex.quote(str(folder))}"
        return failed(f"others may read {_text(wide)}", wanted=wanted, remedy=remedy)
    return passed(f"{len(there)} files and folders are for you alone")


def _ssh(subject: Subject) -> Finding:
    home = subject.view.paths.home
    folder = home / ".ssh"
    if not folder.is_dir():
        return skipped("there is no ~/.ssh")
    wanted = "~/.ssh 700, private keys 600, authorized_keys for you alone to write"
    there = [folder, *(_existing(folder.iterdir()) if _is_ours(folder) else ())]
    if strange := [path for path in there if not _is_ours(path)]:
        return _not_ours(strange, folder, wanted)
    if wide := _beyond([path for path in there if _is_private_key(path)], READABLE):
        remedy = f"chmod 600 {shlex.join(map(str, wide))}"
        return failed(f"ssh refuses keys others may read: {_text(wide)}",
                      wanted=wanted, remedy=remedy)  # fmt: skip
    keys = folder / "authorized_keys"
    ways = [keys, folder, home] if keys.is_file() else [folder]
    if wide := _beyond(ways, WRITABLE):
        remedy = f"chmod go-w {shlex.join(map(str, wide))} && chmod 700 {shlex.quote(str(folder))}"
        return failed(f"others may write {_text(wide)}", wanted=wanted, remedy=remedy)
    if _beyond([folder], READABLE):
        remedy = f"chmod 700 {shlex.quote(str(folder))}"
        return warning("others may look into ~/.ssh", wanted=wanted, remedy=remedy)
    return passed(f"{sum(map(_is_private_key, there))} private keys, for you alone")


def _aws(subject: Subject) -> Finding:
    folder = subject.view.paths.home / ".aws"
    if not folder.is_dir():
        return skipped("there is no ~/.aws")
    wanted = "~/.aws yours, credentials 600"
    there = [folder, *(_existing(folder.iterdir()) if _is_ours(folder) else ())]
    if strange := [path for path in there if not _is_ours(path)]:
        return _not_ours(strange, folder, wanted)
    credentials = folder / "credentials"
    if credentials.is_file() and _beyond([credentials], READABLE):
        remedy = f"chmod 600 {shlex.quote(str(credentials))}"
        return failed("others may read ~/.aws/credentials", wanted=wanted, remedy=remedy)
    if wide := _beyond(there, WRITABLE):
        remedy = f"chmod go-w {shlex.join(map(str, wide))}"
        return failed(f"others may write {_text(wide)}", wanted=wanted, remedy=remedy)
    return passed("for you alone")


def _beyond(paths: Sequence[Path], bits: int) -> list[Path]:
    """Those of the paths whose mode has any of the bits."""
    return [path for path in paths if stat.S_IMODE(path.stat().st_mode) & bits]


def _existing(paths: Iterable[Path]) -> list[Path]:
    """The paths in order, without links that lead nowhere."""
    return sorted(path for path in paths if path.exists())


def _is_ours(path: Path) -> bool:
    return path.stat().st_uid == os.geteuid()


def _is_private_key(path: Path) -> bool:
    """Whether a file begins as a private key does, in OpenSSH's form or as PEM."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        line = file.read(KEY_BYTES).partition(b"\n")[0]
    return line.startswith(b"-----BEGIN ") and line.rstrip().endswith(b"PRIVATE KEY-----")


def _not_ours(strange: Sequence[Path], folder: Path, wanted: str) -> Finding:
    me = pwd.getpwuid(os.geteuid()).pw_name
    remedy = f"sudo chown -R {me}: {shlex.quote(str(folder))}"
    return failed(f"not yours: {_text(strange)}", wanted=wanted, remedy=remedy)


def _text(paths: Sequence[Path]) -> str:
    shown = (f"{path} (mode {stat.S_IMODE(path.stat().st_mode):o})" for path in paths)
    return ", ".join(first_few(shown, SHOWN))


CHECKS = (
    Check("security.secrets", "The services' passwords are for you alone to read", _secrets),
    Check("security.ssh", "ssh keys are for you alone to read", _ssh),
    Check("security.aws", "AWS credentials are for you alone to read", _aws),
)

"""Passwords and tokens: strong where they have to be, and absent where others would see them.

What is found is named by its place and kind, never shown.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from bootstrap.host.marked_block import BEGIN, END
from bootstrap.runtimes.docker.stack import secrets_folder
from bootstrap.sources.source import without_credentials
from bootstrap.steps.shell import rc_files, written_files
from bootstrap.verify.check import Check, Finding, failed, passed, skipped
from bootstrap.verify.clone import git, pasted
from bootstrap.verify.subject import Subject

SHORTEST = 16
"""Characters: our own passwords have 48, well-known defaults (postgres, changeme) fewer than 12."""

KINDS: Mapping[str, re.Pattern[str]] = {
    "a password in a URL": re.compile(r"://[^\s/?#@'\"]*:[^\s/?#@'\"]+@"),
    "a token": re.compile(
        r"\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|hf_[A-Za-z0-9]{20,}"
        r"|pnu_\w{20,}|(AKIA|ASIA)[A-Z0-9]{16}\b)"
    ),
    "a secret in a variable": re.compile(
        r"\b\w*(PASSWORD|PASSWD|SECRET|TOKEN|API_KEY|ACCESS_KEY)\w*=[\"']?[^\s\"'$]", re.IGNORECASE
    ),
}
"""What a credential looks like in a line of text (tokens as GitHub, GitLab, Hugging Face, Prefect
Cloud and AWS write them)."""


def kind_of(line: str) -> str:
    """What kind of credential a line holds, empty where none."""
    return next((kind for kind, pattern in KINDS.items() if pattern.search(line)), "")


def _passwords(subject: Subject) -> Finding:
    folder = secrets_folder(subject.view.paths, subject.course.name)
    files = sorted(folder.glob("*.env"))
    if not files:
        return skipped("no passwords were made yet")
    try:
        texts = {file: file.read_text() for file in files}
    except OSError as error:
        return skipped(f"they cannot be read ({error.strerror}); see security.secrets")
    weak = [
        f"{name} in {file.name} {what}"
        for file, text in texts.items()
        for name, what in weaknesses(text)
    ]
    if not weak:
        return passed(f"random ones, in {len(files)} files")
    return failed(
        "; ".join(weak),
        wanted=f"passwords of at least {SHORTEST} characters that nobody can guess",
        remedy="put your file back from a backup; or get new ones, and lose the services' data:"
        " mlops-bootstrap down --volumes && mlops-bootstrap up",
    )


def weaknesses(text: str) -> Iterator[tuple[str, str]]:
    """(variable, what is wrong with it) for the passwords of an env file; values are not shown."""
    for line in text.splitlines():
        name, sign, value = line.partition("=")
        if not sign or "PASSWORD" not in name:
            continue
        value = value.strip().strip("'\"")
        if not value:
            yield name, "is empty"
        elif len(value) < SHORTEST:
            yield name, "is a default or easy to guess"


def _rc_files(subject: Subject) -> Finding:
    view = subject.view
    texts = {file: block(_text(file)) for file in rc_files(view)}
    texts |= {file: _text(file) for file in written_files(view.paths)}
    found = [
        f"{kind} in {file}" for file, text in texts.items() for kind in filter(None, _kinds(text))
    ]
    if not found:
        return passed(f"none in {sum(map(bool, texts.values()))} files")
    return failed(
        ", ".join(dict.fromkeys(found)),
        wanted="no credential where every program of yours can read it",
        remedy="mlops-bootstrap up  # writes our lines anew; then change what was seen",
    )


def _kinds(text: str) -> Iterator[str]:
    return map(kind_of, text.splitlines())


def block(text: str) -> str:
    """Our lines in an rc file, empty where there are none."""
    _, begun, rest = text.partition(BEGIN.decode())
    return rest.partition(END.decode())[0] if begun else ""


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


def _remote(subject: Subject) -> Finding:
    settings = git(subject, "config", "--local", "--list", "--null").output.split("\0")
    pairs = [tuple(setting.partition("\n")[::2]) for setting in settings if setting]
    for name, value in pairs:
        if is_url_setting(name) and holds_credential(value):
            remote = name.removeprefix("remote.").rpartition(".")[0]
            words = shlex.join((remote, without_credentials(value)))
            return failed(
                f"a credential in the address of the remote {remote}",
                wanted="an address without one; git asks for it, or an ssh key stands for it",
                remedy=f"{pasted(subject)} remote set-url {words}"
                "  # then withdraw the token where it was made",
            )
        if name.endswith(".extraheader") and "authorization" in value.lower():
            return failed(
                "a credential in a header that git sends",
                wanted="no credential in .git/config",
                remedy=f"{pasted(subject)} config --unset-all {shlex.quote(name)}",
            )
    return passed("none in .git/config")


def is_url_setting(name: str) -> bool:
    """Whether a setting of git is the address of a remote."""
    return name.startswith("remote.") and name.endswith((".url", ".pushurl"))


def holds_credential(url: str) -> bool:
    """Whether a web address holds a password, or a token in the place of the user's name."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or "@" not in parts.netloc:
        return False
    user = parts.netloc.rpartition("@")[0]
    return ":" in user or len(user) >= SHORTEST


CHECKS = (
    Check("security.passwords", "No service has a default password", _passwords, docker=True),
    Check("security.rc-files", "Our lines in rc files hold no credential", _rc_files),
    Check(
        "security.remote",
        "The repository's remotes hold no credential",
        _remote,
        requires=("repository.cloned",),
    ),
)

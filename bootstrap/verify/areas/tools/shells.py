"""What each kind of shell sees of Docker Compose: each reads other rc files of the student.

Asked from the outside, in a shell that starts as a new one does, with nothing of our environment.
One shell answers everything at once.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bootstrap.verify.check import Check, Finding, failed, passed
from bootstrap.verify.subject import Subject

PATIENCE_S = 8
"""Seconds for a shell and six short programs; half a second is usual."""

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games:/usr/local/games"
"""What a session begins with (/etc/environment of Ubuntu), before any rc file."""

SCRIPT = r"""
exec 3>"$1"
printf 'kind %s\n' "$(type -t docker-compose)" >&3
while read -r place; do printf 'place %s\n' "$place" >&3; done <<< "$(type -aP docker-compose)"
printf 'compose %s\n' "$(docker-compose version --short 2>/dev/null </dev/null)" >&3
printf 'plugin %s\n' "$(docker compose version --short 2>/dev/null </dev/null)" >&3
printf 'end\n' >&3
"""
"""The answer goes to a file: rc files print what they like."""


@dataclass(frozen=True, slots=True)
class Shell:
    """A kind of shell: how it is called, and the variables that make bash take it for one."""

    name: str
    option: str
    variables: tuple[tuple[str, str], ...] = ()


# bash reads .bashrc in a shell that is neither login nor interactive where SSH_CLIENT is set and
# SHLVL is not (run_startup_files in its shell.c; Debian and Ubuntu build it so).
SSH = (("SSH_CLIENT", "127.0.0.1 40000 22"), ("SSH_CONNECTION", "127.0.0.1 40000 127.0.0.1 22"))
LOGIN, TERMINAL, REMOTE = (
    Shell("a login shell (bash -l)", "-lc", (("TERM", "dumb"),)),
    Shell("a terminal (bash -i)", "-ic", (("TERM", "dumb"),)),
    Shell("ssh HOST COMMAND", "-c", SSH),
)
KINDS = (LOGIN, TERMINAL, REMOTE)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one shell saw. kind is what bash calls docker-compose (file, alias, function), places
    its files on PATH in their order; versions are empty where the command did not tell one;
    whole says whether the shell came to the end."""

    shell: Shell
    kind: str = ""
    places: tuple[Path, ...] = ()
    compose: str = ""
    plugin: str = ""
    whole: bool = False


def seen(subject: Subject) -> tuple[Seen, ...]:
    """What the shells saw, in the order of KINDS; asked once a run, all at once."""

    def ask() -> tuple[Seen, ...]:
        with ThreadPoolExecutor(len(KINDS)) as pool:
            return tuple(pool.map(lambda shell: _ask(subject, shell), KINDS))

    return subject.once("shells", ask)


def _ask(subject: Subject, shell: Shell) -> Seen:
    view = subject.view
    answer = subject.scratch / f"shell{shell.option}"
    variables = {
        "HOME": str(view.paths.home),
        "USER": view.user,
        "LOGNAME": view.user,
        "SHELL": "/bin/bash",
        "PATH": PATH,
        "LANG": "C.UTF-8",
        **dict(shell.variables),
    }
    # setsid: an interactive bash would take the terminal away from us. timeout ends what an rc file
    # started, too.
    subject.query(
        *("env", "-i", *(f"{name}={value}" for name, value in variables.items())),
        *("setsid", "--wait", "timeout", "--kill-after=1", str(PATIENCE_S)),
        *("bash", shell.option, SCRIPT, "bash", str(answer)),
        deadline=PATIENCE_S + 4,
    )
    try:
        return parsed(shell, answer.read_text(errors="replace"))
    except OSError:
        return Seen(shell)


def parsed(shell: Shell, text: str) -> Seen:
    """An answer as the script writes it, whole or not."""
    words: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        words.setdefault(name, []).append(value.strip())

    def first(name: str) -> str:
        return words.get(name, [""])[0]

    return Seen(
        shell,
        kind=first("kind"),
        places=tuple(Path(place) for place in words.get("place", ()) if place),
        compose=first("compose").removeprefix("v"),
        plugin=first("plugin").removeprefix("v"),
        whole="end" in words,
    )


def _shells(subject: Subject) -> Finding:
    broken = [found.shell for found in seen(subject) if not found.whole]
    if not broken:
        return passed(", ".join(shell.name for shell in KINDS))
    names = ", ".join(shell.name for shell in broken)
    files = "~/.profile and ~/.bash_profile" if broken == [LOGIN] else "~/.bashrc"
    return failed(
        f"does not come to its end: {names}",
        wanted="rc files that end, and wait for nothing",
        remedy=f"bash -x {broken[0].option} true 2>&1 </dev/null | tail"
        f"  # shows where: look into {files} for `exit`, `exec` or a question",
    )


CHECKS = (Check("tools.shells", "Every kind of shell starts", _shells),)

"""The shell: our bin folder on PATH in every new one, and a file that activates the environment.

The rc files hold one line that sources a static file of ours, so that a new shell starts no
process and a later version changes that file only.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from bootstrap.core.step import Job, Observation, Step
from bootstrap.host.files import write_atomically
from bootstrap.host.host import Host, HostView
from bootstrap.host.marked_block import has_block, put_block
from bootstrap.host.paths import Paths

_RC_BASH = """# Written by mlops-bootstrap; what `mlops-bootstrap shell` starts bash with.
[ -r ~/.bashrc ] && . ~/.bashrc
. {folder}/activate.sh
PS1="(course) ${{PS1:-}}"
"""


class ShellSetup(Step[HostView, Host]):
    """PATH for bash, and for zsh and fish where they are used; variables say where services are."""

    name = "shell"
    title = "Shell"

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = dict(variables)

    def observe(self, view: HostView) -> Observation:
        files = self._files(view.paths)
        stale = [p for p, text in files.items() if not _holds(p, text)]
        line = _source_line(view.paths)
        stale += [p for p in rc_files(view) if not has_block(p, line)]
        found = f"to be set up: {', '.join(p.name for p in stale)}" if stale else "set up"
        return Observation(not stale, found, "programs on PATH, activate")

    def apply(self, host: Host, job: Job) -> None:
        for path, text in self._files(host.paths).items():
            write_atomically(path, text)
        for path in rc_files(host):
            put_block(path, _source_line(host.paths))
        host.paths.bin.mkdir(parents=True, exist_ok=True)

    def _files(self, paths: Paths) -> dict[Path, bytes]:
        env, activate, rc_bash, fish = written_files(paths)
        files = {
            env: _path_sh(paths.bin),
            activate: activation_script(paths.environments / "current", self._variables),
            rc_bash: _RC_BASH.format(folder=shlex.quote(str(env.parent))).encode(),
        }
        if _fish_folder(paths).is_dir():
            text = f"fish_add_path --global --prepend {shlex.quote(str(paths.bin))}\n"
            files[fish] = text.encode()
        return files


def activation_script(prefix: Path, variables: Mapping[str, str]) -> bytes:
    """A script to source, which puts the programs of a prefix first and sets variables."""
    exports = {**variables, "CONDA_PREFIX": str(prefix)}
    lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(exports.items())]
    return (
        "# Written by mlops-bootstrap; sourced by `. activate.sh`.\n"
        + _prepended(prefix / "bin")
        + "\n".join(lines)
        + "\n"
    ).encode()


def written_files(paths: Paths) -> tuple[Path, Path, Path, Path]:
    """The files of ours that shells read: PATH, activation, bash's start, and fish's where it is in
    use."""
    folder = paths.data / "shell"
    fish = _fish_folder(paths) / "conf.d" / "mlops-bootstrap.fish"
    return folder / "env.sh", activate_file(paths), folder / "rc.bash", fish


def activate_file(paths: Paths) -> Path:
    """What a shell sources to activate the environment."""
    return paths.data / "shell" / "activate.sh"


def activation(paths: Paths) -> str:
    """The command that activates the environment in a shell that is open."""
    file = activate_file(paths)
    try:
        return f". ~/{file.relative_to(paths.home)}"
    except ValueError:
        return f". {shlex.quote(str(file))}"


def rc_files(view: HostView) -> tuple[Path, ...]:
    """The rc files that need the block.

    bash as a login shell reads the first of .bash_profile, .bash_login and .profile (bash(1),
    INVOCATION), as an interactive one .bashrc. zsh only where it is in use.
    """
    home = view.paths.home
    logins = [home / name for name in (".bash_profile", ".bash_login", ".profile")]
    login = next((path for path in logins if path.exists()), home / ".profile")
    files = [login, home / ".bashrc"]
    zshrc = Path(view.environ.get("ZDOTDIR") or home) / ".zshrc"
    if zshrc.exists() or view.environ.get("SHELL", "").endswith("/zsh"):
        files.append(zshrc)
    return tuple(files)


def _path_sh(folder: Path) -> bytes:
    comment = "# Written by mlops-bootstrap; sourced by the block in your rc files.\n"
    return (comment + _prepended(folder)).encode()


def _prepended(folder: Path) -> str:
    quoted = shlex.quote(str(folder))
    return f'case ":$PATH:" in *:{quoted}:*) ;; *) export PATH={quoted}:"$PATH" ;; esac\n'


def _source_line(paths: Paths) -> bytes:
    file = shlex.quote(str(paths.data / "shell" / "env.sh"))
    return f"[ -r {file} ] && . {file}\n".encode()


def _fish_folder(paths: Paths) -> Path:
    return paths.config.parent / "fish"


def _holds(path: Path, text: bytes) -> bool:
    try:
        return path.read_bytes() == text
    except OSError:
        return False

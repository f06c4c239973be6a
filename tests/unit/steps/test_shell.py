"""PATH and activation, asked of real shells in a home of their own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bootstrap.core.errors import BootstrapError
from bootstrap.host.host import Host, this_machine
from bootstrap.steps.shell import ShellSetup
from tests.unit.jobs import RecordedJob

VARIABLES = {"MLFLOW_TRACKING_URI": "http://localhost:5000"}
TOOL = "course-tool"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home of a student"
    folder.mkdir()
    return folder


def machine(home: Path, **more: str) -> Host:
    environ = {"HOME": str(home), "PATH": "/usr/bin:/bin", "SHELL": "/bin/bash", **more}
    return this_machine(environ)[1]


def set_up(host: Host) -> None:
    step = ShellSetup(VARIABLES)
    assert not step.observe(host).satisfied
    step.apply(host, RecordedJob())
    assert step.observe(host).satisfied, step.observe(host).found
    tool = host.paths.bin / TOOL
    tool.write_text("#!/bin/sh\necho it runs\n")
    tool.chmod(0o755)


def say(home: Path, *argv: str) -> str:
    environ = {"HOME": str(home), "PATH": "/usr/bin:/bin", "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        argv, env=environ, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, timeout=30,
        check=False,
    )  # fmt: skip
    return done.stdout.decode()


STARTS = {
    "login": ("bash", "-lic"),
    "login, not interactive": ("bash", "-lc"),
    "interactive": ("bash", "-ic"),
}


@pytest.mark.parametrize("argv", STARTS.values(), ids=STARTS.keys())
@pytest.mark.parametrize("login", ["", ".bash_profile", ".bash_login", ".profile"])
def test_bash_finds_our_tools(home: Path, argv: tuple[str, ...], login: str) -> None:
    (home / ".bashrc").write_text("case $- in *i*) ;; *) return;; esac\nMINE=1\n")
    if login:
        (home / login).write_text("# a login file that sources nothing\n")
    set_up(machine(home))
    assert say(home, *argv, TOOL) == "it runs\n"


def test_a_command_over_ssh_finds_our_tools(home: Path) -> None:
    """bash reads .bashrc for what sshd starts, and Debian's .bashrc returns early there."""
    (home / ".bashrc").write_text("case $- in *i*) ;; *) return;; esac\n")
    set_up(machine(home))
    # What bash does for sshd (bash(1), INVOCATION): it reads .bashrc though not interactive.
    assert say(home, "bash", "-c", f". ~/.bashrc; {TOOL}") == "it runs\n"


def test_path_has_our_folder_once(home: Path) -> None:
    host = machine(home)
    (home / ".bash_profile").write_text(". ~/.bashrc\n")
    set_up(host)
    path = say(home, "bash", "-lic", "bash -ic \"bash -ic 'echo \\$PATH'\"").strip()
    assert path.split(":").count(str(host.paths.bin)) == 1


def test_zsh_finds_our_tools_once(home: Path) -> None:
    (home / ".zshrc").write_text("# mine\n")
    host = machine(home)
    set_up(host)
    assert say(home, "zsh", "-ic", TOOL) == "it runs\n"
    path = say(home, "zsh", "-ic", "zsh -ic 'echo $PATH'").strip()
    assert path.split(":").count(str(host.paths.bin)) == 1


def test_zsh_of_another_folder(home: Path) -> None:
    (home / "zsh").mkdir()
    host = machine(home, ZDOTDIR=str(home / "zsh"), SHELL="/usr/bin/zsh")
    set_up(host)
    assert (home / "zsh" / ".zshrc").exists()
    assert not (home / ".zshrc").exists()


def test_fish_finds_our_tools_once(home: Path) -> None:
    (home / ".config" / "fish").mkdir(parents=True)
    host = machine(home)
    set_up(host)
    assert say(home, "fish", "-c", TOOL) == "it runs\n"
    path = say(home, "fish", "-c", "fish -c 'string join : $PATH'").strip()
    assert path.split(":").count(str(host.paths.bin)) == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "dash"])
def test_activation_works_in_each_shell(home: Path, shell: str) -> None:
    host = machine(home)
    set_up(host)
    python = host.paths.environments / "current" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho the course python\n")
    python.chmod(0o755)
    file = host.paths.data / "shell" / "activate.sh"
    said = say(
        home, shell, "-c", f". '{file}'; . '{file}'; python; echo $MLFLOW_TRACKING_URI $PATH"
    )
    ran, rest = said.splitlines()
    assert ran == "the course python"
    assert rest.startswith("http://localhost:5000 ")
    assert rest.split(":").count(str(python.parent)) <= 1
    assert rest.count(str(python.parent)) == 1


def test_our_bash_has_both_environments_and_a_prompt(home: Path) -> None:
    (home / ".bashrc").write_text("PS1='mine '\n")
    host = machine(home)
    set_up(host)
    rc = host.paths.data / "shell" / "rc.bash"
    said = say(home, "bash", "--rcfile", str(rc), "-ic", 'echo "$PS1|$CONDA_PREFIX"')
    assert said == f"(course) mine |{host.paths.environments / 'current'}\n"


def test_a_linked_rc_file_stays_a_link(home: Path) -> None:
    (home / "dotfiles").mkdir()
    (home / "dotfiles" / "bashrc").write_text("# mine\n")
    (home / ".bashrc").symlink_to("dotfiles/bashrc")
    set_up(machine(home))
    assert (home / ".bashrc").is_symlink()
    assert (home / "dotfiles" / "bashrc").read_text().endswith("# mine\n")
    assert say(home, "bash", "-ic", TOOL) == "it runs\n"


def test_an_rc_file_that_cannot_be_written_is_a_coded_error(home: Path, tmp_path: Path) -> None:
    fixed = tmp_path / "fixed"
    fixed.mkdir()
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    mount = ["mount", "-t", "tmpfs", "-o", "ro,size=1m", "none", str(fixed)]
    subprocess.run([*sudo, *mount], check=True)
    try:
        (home / ".bashrc").symlink_to(fixed / "bashrc")
        with pytest.raises(BootstrapError) as caught:
            ShellSetup(VARIABLES).apply(machine(home), RecordedJob())
    finally:
        subprocess.run([*sudo, "umount", "--lazy", str(fixed)], check=True)
    assert caught.value.code == "E-WRITE"
    assert "bashrc" in caught.value.where or str(fixed) in caught.value.where
    assert caught.value.remedy


def test_mode_and_content_of_an_rc_file_stay(home: Path) -> None:
    (home / ".bashrc").write_bytes(b"no newline at the end, \xff and no UTF-8")
    (home / ".bashrc").chmod(0o600)
    set_up(machine(home))
    assert (home / ".bashrc").read_bytes().endswith(b"no newline at the end, \xff and no UTF-8")
    assert (home / ".bashrc").stat().st_mode & 0o777 == 0o600

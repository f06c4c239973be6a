"""Faults in a home: secrets that others can read, and the clone of the course repository."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil

from bootstrap.host.marked_block import END
from tests.e2e.machine import Machine
from tests.e2e.verify.fault import Fault
from tests.e2e.verify.tool_faults import (
    BOTH,
    course_as_it_was,
    course_asks,
    mended,
    rewritten,
    selection,
)

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----\n"
LARGE = 51 * 1024 * 1024
TOKEN = "ghp_" + "x" * 36


def passwords(machine: Machine) -> Path:
    return machine.home / ".config/mlops-bootstrap/secrets/mlops-zoomcamp/postgres.env"


def profile(machine: Machine) -> Path:
    return machine.home / ".profile"


def clone(machine: Machine) -> Path:
    return machine.home / "mlops-zoomcamp"


def index(machine: Machine) -> Path:
    return clone(machine) / ".git" / "index"


def git_config(machine: Machine) -> Path:
    return clone(machine) / ".git" / "config"


def git(machine: Machine, *arguments: str) -> None:
    argv = ["git", "-C", str(clone(machine)), *arguments]
    subprocess.run(argv, check=True, capture_output=True, timeout=30)


def mode(file: Callable[[Machine], Path], bits: int) -> Callable[[Machine], Machine]:
    def inject(machine: Machine) -> Machine:
        file(machine).chmod(bits)
        return machine

    return inject


def new_file(name: str, text: str) -> Callable[[Machine], Machine]:
    """A file of mode 644 in a folder of the home that others cannot enter."""

    def inject(machine: Machine) -> Machine:
        file = machine.home / name
        file.parent.mkdir(mode=0o700)
        file.write_text(text)
        file.chmod(0o644)
        return machine

    return inject


def without(folder: str) -> Callable[[Machine], None]:
    return lambda machine: shutil.rmtree(machine.home / folder)


def moved(machine: Machine) -> Machine:
    clone(machine).rename(clone(machine).with_name("moved"))
    return machine


def moved_back(machine: Machine) -> None:
    clone(machine).with_name("moved").rename(clone(machine))


def half_an_index(machine: Machine) -> Machine:
    shutil.copy2(index(machine), f"{index(machine)}.kept-by-test")
    index(machine).write_bytes(b"DIRC")
    return machine


def detached(machine: Machine) -> Machine:
    git(machine, "switch", "--quiet", "--detach")
    return machine


def on_course(machine: Machine) -> None:
    git(machine, "switch", "--quiet", "course")


def large_file(machine: Machine) -> Machine:
    with (clone(machine) / "data.bin").open("wb") as file:
        file.truncate(LARGE)
    return machine


def large_tracked(machine: Machine) -> Machine:
    shutil.copy2(index(machine), f"{index(machine)}.kept-by-test")
    large_file(machine)
    git(machine, "add", "--intent-to-add", "data.bin")  # no copy of it goes into .git
    return machine


def no_large_file(machine: Machine) -> None:
    (clone(machine) / "data.bin").unlink()


def large_untracked(machine: Machine) -> None:
    no_large_file(machine)
    mended(index)(machine)


def data(machine: Machine) -> Machine:
    (clone(machine) / "green.parquet").touch()
    return machine


class Listener:
    """Something that listens for other machines on the port of a service."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    def inject(self, machine: Machine) -> Machine:
        every = (a for several in psutil.net_if_addrs().values() for a in several)
        address = next(a.address for a in every if a.family is socket.AF_INET
                       and not a.address.startswith("127."))  # fmt: skip
        self._socket = socket.create_server((address, machine.ports["mlflow"]))
        return machine

    def mend(self, machine: Machine) -> None:
        if self._socket:
            self._socket.close()


LISTENER = Listener()

FAULTS = (
    Fault(
        "others may read a password",
        mode(passwords, 0o644),
        lambda machine: passwords(machine).chmod(0o600),
        failed=("security.secrets",),
    ),
    Fault(
        "others may read what was chosen",
        mode(selection, 0o644),
        lambda machine: selection(machine).chmod(0o600),
        failed=("security.secrets",),
        runtimes=("native",),
    ),
    Fault(
        "a default password",
        rewritten(passwords, lambda text: f"POSTGRES_PASSWORD=postgres\n{text}"),
        mended(passwords),
        failed=("security.passwords",),
    ),
    Fault(
        "others may read an ssh key",
        new_file(".ssh/id_ed25519", KEY),
        without(".ssh"),
        failed=("security.ssh",),
    ),
    Fault(
        "others may read AWS credentials",
        new_file(".aws/credentials", "[default]\n"),
        without(".aws"),
        failed=("security.aws",),
    ),
    Fault(
        "a token in our lines",
        rewritten(
            profile, lambda text: text.replace(END.decode(), f"export X={TOKEN}\n{END.decode()}")
        ),
        mended(profile),
        failed=("security.rc-files",),
        runtimes=BOTH,
    ),
    Fault(
        "a token in a remote's address",
        rewritten(git_config, lambda text: text.replace("https://", f"https://{TOKEN}@")),
        mended(git_config),
        failed=("security.remote",),
    ),
    Fault(
        "a service listens for all",
        LISTENER.inject,
        LISTENER.mend,
        failed=("security.listeners",),
        runtimes=("native",),
    ),
    Fault(
        "the clone was moved",
        moved,
        moved_back,
        failed=("repository.cloned",),
        runtimes=BOTH,
    ),
    Fault(
        "half an index",
        half_an_index,
        mended(index),
        failed=("repository.cloned",),
    ),
    Fault(
        "the course went on to another commit",
        course_asks(repository__commit="1" * 40),
        course_as_it_was,
        failed=("repository.commit",),
    ),
    Fault("no branch", detached, on_course, warned=("repository.branch",), exit=0),
    Fault(
        "a large file",
        large_file,
        no_large_file,
        warned=("repository.large-files",),
        exit=0,
    ),
    Fault(
        "a large file that git tracks",
        large_tracked,
        large_untracked,
        warned=("repository.large-tracked",),
        exit=0,
    ),
    Fault(
        "data in the clone",
        data,
        lambda machine: (clone(machine) / "green.parquet").unlink(),
        warned=("repository.ignored",),
        exit=0,
    ),
)

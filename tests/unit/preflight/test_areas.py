"""Space, ports and rights against a real disk, real sockets and real folders."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bootstrap.host.facts import free_bytes
from bootstrap.preflight import ports, rights, space
from bootstrap.preflight.needs import Needs
from bootstrap.preflight.size import gib
from tests.unit.preflight.test_machine import MACHINE

MOUNT = """
import sys
from pathlib import Path
from bootstrap.preflight import rights, space
from bootstrap.preflight.needs import Needs
from tests.unit.preflight.test_machine import MACHINE
folder = Path(sys.argv[1])
needs = Needs(MACHINE, disk_at={"images": (folder / "x", 2 << 20)}, writable=(folder / "x",))
print(*(p.what for p in (*space.check(needs), *rights.check(needs))), sep="\\n")
"""


def test_enough_space_is_no_problem(tmp_path: Path) -> None:
    assert space.check(Needs(MACHINE, disk_at={"data": (tmp_path, 1)})) == ()


def test_purposes_on_one_filesystem_are_added_up(tmp_path: Path) -> None:
    free = free_bytes(tmp_path)
    part = free * 3 // 4  # each fits alone, with room for what others write here meanwhile
    places = {"environment": (tmp_path / "a", part), "images": (tmp_path / "b", part)}
    (problem,) = space.check(Needs(MACHINE, disk_at=places))
    assert problem.code == "E-DISK"
    assert problem.what.startswith(
        f"needs {gib(2 * part)} free at {tmp_path}"
        f" (environment {gib(part)}, images {gib(part)}), has "
    )
    assert space.check(Needs(MACHINE, disk_at={"images": places["images"]})) == ()


def test_one_purpose_is_named() -> None:
    (problem,) = space.check(Needs(MACHINE, disk_at={"images": (Path("/"), 2**60)}))
    assert problem.what.startswith("needs 1073741824.0 GiB free at / for images, has ")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("size=1m", ["needs 2 MiB free at {0} for images, has 1 MiB"]),
        ("ro,size=8m", ["cannot write {0}/x: the filesystem of {0} is read-only"]),
    ],
)
def test_a_full_and_a_read_only_filesystem(tmp_path: Path, options: str, found: list[str]) -> None:
    # In a mount namespace of its own: it is gone with the process.
    mount = f'mount -t tmpfs -o {options} none "$1" && exec "$2" -c "$3" "$1"'
    command = ("unshare", "--mount", "sh", "-c", mount, "sh", str(tmp_path), sys.executable, MOUNT)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [line.format(tmp_path) for line in found], done.stderr


@pytest.fixture
def taken() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def test_a_taken_port_names_its_holder_and_a_free_one(taken: int) -> None:
    needs = Needs(MACHINE, ports={"mlflow": (taken, "--port"), "next": (taken + 1, "--port")})
    problem = ports.check(needs)[0]
    assert problem.code == "E-PORT-TAKEN"
    assert problem.what.startswith(f"port {taken} for mlflow is held by ")
    assert f"(process {os.getpid()})" in problem.what
    free = int(problem.remedy.partition("--port mlflow=")[2].partition(",")[0])
    assert free > taken + 1
    socket.create_server(("127.0.0.1", free)).close()


def test_two_services_are_not_sent_to_the_same_free_port(taken: int) -> None:
    needs = Needs(MACHINE, ports={"a": (taken, "--port"), "b": (taken, "--port")})
    first, second = (p.remedy.partition("=")[2].partition(",")[0] for p in ports.check(needs))
    assert first != second


def test_a_port_of_ours_is_fine(taken: int) -> None:
    needs = Needs(MACHINE, ports={"mlflow": (taken, "--port")}, own_ports=frozenset({taken}))
    assert ports.check(needs) == ()


def test_a_container_is_named(taken: int) -> None:
    needs = Needs(MACHINE, ports={"mlflow": (taken, "--port")}, published_by=lambda _: "grafana")
    (problem,) = ports.check(needs)
    assert problem.what == f"port {taken} for mlflow is held by container grafana"
    assert problem.remedy.endswith("or stop container grafana")


def test_a_folder_that_can_be_made_is_fine(tmp_path: Path) -> None:
    assert rights.check(Needs(MACHINE, writable=(tmp_path, tmp_path / "a" / "b"))) == ()
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("mine")
    folders = (tmp_path / "data" / "a", tmp_path / "data" / "b")
    (problem,) = rights.check(Needs(MACHINE, writable=folders))
    assert problem.code == "E-NOT-WRITABLE"
    assert problem.what == f"cannot write {folders[0]}: {tmp_path / 'data'} is not a folder"
    assert "mv " in problem.remedy


def test_a_folder_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o555)
    # root may write everywhere; what is decided for others can be seen only as another user.
    monkeypatch.setattr(os, "access", lambda *_: False)
    (problem,) = rights.check(Needs(MACHINE, writable=(tmp_path / "x",)))
    assert "mode 0555" in problem.what
    assert "belongs to" in problem.what
    tmp_path.chmod(0o755)


@pytest.mark.parametrize(
    ("prefix", "codes"),
    [
        ("/home/ann/.local/share/mlops-bootstrap", []),
        ("/home/ann smith/.local/share", ["W-PATH"]),
        ("/home/müller/.local/share", ["W-PATH"]),
        ("/home/" + "a" * 200, ["E-PATH"]),
    ],
)
def test_paths_that_packages_cannot_live_in(prefix: str, codes: list[str]) -> None:
    found = rights.check(Needs(MACHINE, prefix=Path(prefix)))
    assert [p.code for p in found] == codes


def test_no_sudo_is_said_with_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", "/nowhere")
    (problem,) = rights.check(Needs(MACHINE, root_commands=("apt-get install git",)))
    assert problem.code == "E-SUDO"
    assert problem.where == "apt-get install git"
    assert rights.check(Needs(MACHINE)) == ()

"""The fresh host is what the whole way is proven on, so it is proven itself first."""

from __future__ import annotations

import contextlib
import functools
import http.server
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.lab.cache import default_cache
from tests.lab.engine import Engine, private_engine
from tests.lab.fresh_host import FreshHost, fresh_host

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.engine, pytest.mark.machine, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
FETCH = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"
INSTALL = ["sudo", "apt-get", "install", "--yes", "--no-install-recommends"]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with private_engine(tmp_path_factory.mktemp("engine")) as running:
        yield running


@pytest.fixture(scope="module")
def host(engine: Engine) -> Iterator[FreshHost]:
    with fresh_host(engine, default_cache(), name_suffix="test") as running:
        yield running


@pytest.fixture(scope="module")
def host_with_docker(host: FreshHost) -> FreshHost:
    host.run(["sudo", "apt-get", "update"], timeout=300)
    packages = ["docker.io", "acl", "busybox-static"]
    host.run([*INSTALL, *packages], env={"DEBIAN_FRONTEND": "noninteractive"}, timeout=600)
    script = "tar -C / -c bin/busybox usr/bin/busybox --ignore-failed-read | docker import - box"
    host.run(["sudo", "bash", "-c", script])
    return host


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base's name
        pass


@contextlib.contextmanager
def served(folder: Path) -> Iterator[int]:
    """Serve a folder on this machine's loopback, as the lab does."""
    handler = functools.partial(QuietHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_systemd_runs_the_host(host: FreshHost) -> None:
    assert host.run(["ps", "-o", "comm=", "-p", "1"]).stdout.strip() == "systemd"
    state = host.run(["systemctl", "is-system-running"], check=False).stdout.strip()
    failed = host.run(["systemctl", "--failed", "--no-legend"]).stdout
    assert (state, failed) == ("running", "")


def test_a_student_has_sudo_and_the_other_user_has_not(host: FreshHost) -> None:
    assert host.run(["id", "-un"]).stdout == "student\n"
    assert host.run(["sudo", "-n", "id", "-un"]).stdout == "root\n"
    assert host.run(["sudo", "-n", "true"], user="nosudo", check=False).returncode == 1


def test_a_login_has_a_user_session(host: FreshHost) -> None:
    shown = host.run(
        ["systemctl", "--user", "is-system-running", "--wait"], login=True, check=False
    )
    assert shown.stdout.strip() == "running"


@pytest.mark.parametrize("tool", ["git", "docker", "curl", "wget", "conda"])
def test_a_tool_that_the_product_brings_is_absent(host: FreshHost, tool: str) -> None:
    assert host.run(["which", tool], check=False).returncode == 1


def test_files_go_in_and_out(host: FreshHost, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("content")
    host.copy_in(tmp_path / "there", "/home/student/there")
    assert host.run(["stat", "-c", "%U", "there/file"]).stdout == "student\n"
    host.copy_out("/home/student/there", tmp_path / "back")
    assert (tmp_path / "back" / "file").read_text() == "content"


def test_a_server_on_this_machines_loopback_is_on_the_hosts_loopback(
    host: FreshHost, tmp_path: Path
) -> None:
    (tmp_path / "page").write_text("from the test machine")
    with served(tmp_path) as port:
        source = host.forward(port)
        assert source == f"http://127.0.0.1:{port}"
        page = host.run(["python3", "-c", FETCH, f"{source}/page"]).stdout
    assert page == "from the test machine\n"


def test_the_package_index_is_in_reach(host: FreshHost) -> None:
    host.run(["python3", "-m", "venv", "/home/student/venv"])
    host.run(["venv/bin/pip", "install", "--quiet", "idna"])
    host.run(["venv/bin/python", "-c", "import idna"])


def test_a_command_that_hangs_can_be_killed(host: FreshHost) -> None:
    hanging = threading.Timer(1, host.kill_process, ["sleep 4321"])
    hanging.start()
    done = host.run(["sleep", "4321"], check=False)
    hanging.join()
    assert done.returncode == 137


def test_docker_runs_under_systemd(host_with_docker: FreshHost) -> None:
    assert host_with_docker.run(["systemctl", "is-active", "docker"]).stdout == "active\n"


def test_an_open_session_gets_docker_by_an_acl(host_with_docker: FreshHost) -> None:
    ask = "docker ps --quiet && echo ok"
    socket = "/var/run/docker.sock"
    # one bash is one session: its groups are those of its start
    script = f"""
        sudo usermod --append --groups docker student; {ask} || echo refused
        sudo setfacl --modify u:student:rw {socket}; {ask}; id -nG
    """
    lines = host_with_docker.run(["bash", "-c", script]).stdout.split()
    assert lines == ["refused", "ok", "student"]
    host_with_docker.run(["sudo", "setfacl", "--remove", "u:student", socket])
    # a new session has the group
    host_with_docker.run(["docker", "ps"])


def test_a_nested_container_publishes_a_port(host_with_docker: FreshHost) -> None:
    serve = "echo nested > /index.html; exec /bin/busybox httpd -f -p 80 -h /"
    published = ["--detach", "--name", "web", "--publish", "127.0.0.1:18100:80"]
    box = ["box", "/bin/busybox", "sh", "-c", serve]
    host_with_docker.run(["sudo", "docker", "run", *published, *box])
    fetch = ["python3", "-c", FETCH, "http://127.0.0.1:18100/index.html"]
    page = host_with_docker.run(fetch).stdout
    host_with_docker.run(["sudo", "docker", "rm", "--force", "web"])
    assert page == "nested\n\n"


def test_a_nested_container_keeps_to_its_memory(host_with_docker: FreshHost) -> None:
    limited = ["--rm", "--memory", "32m", "--memory-swap", "32m"]
    box = ["box", "/bin/busybox", "dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"]
    done = host_with_docker.run(["sudo", "docker", "run", *limited, *box], check=False)
    assert done.returncode == 137


def test_two_engines_and_what_they_leave(engine: Engine, tmp_path: Path) -> None:
    with private_engine(tmp_path) as second:
        assert second.gateway != engine.gateway
        with contextlib.closing(second.client()) as client:
            client.networks.create("own")
            assert client.containers.list() == []
    assert [path.name for path in tmp_path.iterdir()] == ["dockerd.log"]
    assert not second.socket.exists()
    assert not Path(f"/proc/{second.pid}").exists()


def test_an_engine_ends_with_its_test_process(tmp_path: Path) -> None:
    script = f"""
        import os, pathlib, signal, tests.lab.engine
        with tests.lab.engine.private_engine(pathlib.Path({str(tmp_path)!r})) as engine:
            print(engine.pid, engine.socket, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    program = [sys.executable, "-c", textwrap.dedent(script)]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    pid, socket = done.stdout.split()
    deadline = time.monotonic() + 60
    while Path(socket).parent.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not Path(socket).parent.exists()
    assert not Path(f"/proc/{pid}").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["dockerd.log"]

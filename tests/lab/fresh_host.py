"""A fresh machine in seconds: a container with systemd as PID 1 and only what a student has.

It has Python, a package manager and sudo; no git, no curl, no Docker. It reaches the package
index and the Debian mirror the way this machine does, and this machine at `host_address`.
It is a stand-in for a virtual machine, no security boundary.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker.errors

from tests.lab.cache import build_once, digest_of
from tests.lab.engine import TOOLS as ENGINE_TOOLS
from tests.lab.engine import EngineError, require_tools

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import docker
    from docker.models.containers import Container

    from tests.lab.engine import Engine

PACKAGES = [
    *("systemd", "systemd-sysv", "dbus", "dbus-user-session", "libpam-systemd", "sudo"),
    *("python3", "python3-venv", "ca-certificates", "iproute2", "procps"),
]
TOOLS = {**ENGINE_TOOLS, "mmdebstrap": "mmdebstrap", "setpriv": "util-linux"}
PARTS = Path(__file__).with_suffix("")
CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
CA_VARIABLES = ["SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
# How this machine reaches the world, where a variable says so.
PASSED_ON = ["http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL", "UV_DEFAULT_INDEX"]
EXCHANGE = "/mnt/lab"
BOOT_DEADLINE = 60.0
TIMED_OUT = 124  # of timeout(1)


class FreshHostError(EngineError):
    """The fresh host could not be built or did not start."""


def apt_requirements() -> list[str]:
    """Name the Debian packages that a fresh host needs on this machine."""
    return sorted({*TOOLS.values(), "debian-archive-keyring"})


@dataclass
class FreshHost:
    """A running fresh host."""

    container: Container
    host_address: str
    environment: dict[str, str]
    exchange: Path
    _relays: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(
        self,
        argv: Sequence[str],
        *,
        user: str = "student",
        env: Mapping[str, str] | None = None,
        timeout: float = 120,
        login: bool = False,
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a new session; `login` goes through PAM and a login shell."""
        command = ["timeout", "--kill-after=5", str(timeout), *argv]
        variables = {**self.environment, **(env or {})}
        if login:
            chosen = ["env", *(f"{name}={value}" for name, value in (env or {}).items())]
            command = ["su", "--login", user, "-c", 'exec "$@"', "--", "bash", *chosen, *command]
            user, variables = "root", {}
        done = self._exec(command, user, variables)
        if done.returncode == TIMED_OUT:
            raise subprocess.TimeoutExpired(list(argv), timeout, done.stdout, done.stderr)
        result = subprocess.CompletedProcess(list(argv), done.returncode, done.stdout, done.stderr)
        if check and result.returncode:
            raise FreshHostError(_said(result))
        return result

    def _exec(
        self, command: list[str], user: str, variables: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        assert self.container.client is not None
        api = self.container.client.api
        home = "/root" if user == "root" else f"/home/{user}"
        created: dict[str, Any] = api.exec_create(
            self.container.id, command, user=user, environment=variables, workdir=home
        )
        out, err = api.exec_start(created["Id"], demux=True)
        code = api.exec_inspect(created["Id"])["ExitCode"]
        text = [(part or b"").decode(errors="replace") for part in (out, err)]
        return subprocess.CompletedProcess(command, code, *text)

    def copy_in(self, src: Path, dst: str, *, user: str = "student") -> None:
        """Copy a file or folder in; it belongs to the user."""
        with tempfile.TemporaryDirectory(dir=self.exchange) as folder:
            _copy(src, Path(folder) / src.name)
            inside = f"{EXCHANGE}/{Path(folder).name}/{src.name}"
            self.run(["chown", "-R", f"{user}:", inside], user="root")
            self.run(["cp", "-aT", inside, dst], user="root", timeout=600)

    def copy_out(self, src: str, dst: Path) -> None:
        """Copy a file or folder out; it belongs to whoever runs the test."""
        with tempfile.TemporaryDirectory(dir=self.exchange) as folder:
            inside = f"{EXCHANGE}/{Path(folder).name}/it"
            self.run(["cp", "-rT", src, inside], user="root", timeout=600)
            _copy(Path(folder) / "it", dst)

    def forward(self, port: int) -> str:
        """Make 127.0.0.1:port inside be that port of this machine; return its address.

        A registry on a loopback address needs no TLS, and a server of the lab may stay on this
        machine's loopback: a relay on `host_address` is added where it is needed.
        """
        if not _connects(self.host_address, port):
            self._relays.append(_relay(self.host_address, port))
        self.run(["systemctl", "start", f"lab-forward@{port}"], user="root")
        return f"http://127.0.0.1:{port}"

    def kill_process(self, pattern: str) -> None:
        """Kill -9 what matches the pattern on its full command line."""
        # without run's timeout(1), whose command line would hold the pattern too
        self._exec(["pkill", "-KILL", "--full", pattern], "root", {})

    def close(self) -> None:
        """End what runs beside the host."""
        for relay in self._relays:
            with relay:
                relay.terminate()


@contextlib.contextmanager
def fresh_host(engine: Engine, cache: Path, *, name_suffix: str) -> Iterator[FreshHost]:
    """Boot a fresh host in the engine; the host and its Docker volume are gone afterwards."""
    rootfs = build_rootfs(cache)
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(contextlib.closing(engine.client()))
        # a command may be silent for long: its own timeout ends it
        client.api.timeout = 3600
        image = _imported(client, rootfs)
        # beside the engine's socket: removed even when the test process is killed
        scratch = tempfile.TemporaryDirectory(prefix="exchange-", dir=engine.socket.parent)
        exchange = Path(stack.enter_context(scratch))
        volume = client.volumes.create(f"fresh-{name_suffix}-docker")
        stack.callback(volume.remove, force=True)
        container = _create(client, image, f"fresh-{name_suffix}", volume.name, exchange)
        stack.callback(container.remove, force=True, v=True)
        container.start()
        host = FreshHost(container, engine.gateway, _environment(), exchange)
        stack.callback(host.close)
        _wait_for_systemd(host)
        _connect_to_the_world(host)
        yield host


def build_rootfs(cache: Path) -> Path:
    """Build the root file system, or return the one built from the same inputs."""
    require_tools(TOOLS)
    parts = [*PARTS.iterdir(), *_apt_sources(), *_apt_settings()]
    inputs = {"packages": " ".join(PACKAGES), "suite": _suite(), "machine": platform.machine()}
    key = digest_of((path for path in parts if path.is_file()), inputs)
    return build_once(cache, "fresh-host", key, _bootstrap) / "rootfs.tar"


def _bootstrap(folder: Path) -> None:
    command = [
        *("mmdebstrap", "--quiet", f"--include={','.join(PACKAGES)}"),
        *(f"--aptopt={path}" for path in _apt_settings()),
        f'--customize-hook={shlex.quote(str(PARTS / "customize.sh"))} "$1"',
        *(_suite(), str(folder / "rootfs.tar"), *map(str, _apt_sources())),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise FreshHostError(_said(done))


def _suite() -> str:
    """The fresh host runs what this machine runs: that suite is known to be reachable."""
    return platform.freedesktop_os_release()["VERSION_CODENAME"]


def _apt_sources() -> list[Path]:
    """The machine's own sources, without those of other vendors (whose keys are not inside)."""
    candidates = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").iterdir()]
    files = [path for path in candidates if path.suffix in {".list", ".sources"} and path.is_file()]
    return sorted(path for path in files if _suite() in path.read_text())


def _apt_settings() -> list[Path]:
    """How apt fetches on this machine: proxies, certificates, checks of a mirror."""
    files = Path("/etc/apt/apt.conf.d").iterdir()
    return sorted(path for path in files if path.is_file() and "Acquire::" in path.read_text())


def _imported(client: docker.DockerClient, rootfs: Path) -> str:
    repository, tag = "lab-fresh-host", rootfs.parent.name
    try:
        client.images.get(f"{repository}:{tag}")
    except docker.errors.ImageNotFound:
        client.api.import_image_from_file(str(rootfs), repository=repository, tag=tag)
    return f"{repository}:{tag}"


def _create(
    client: docker.DockerClient, image: str, name: str, volume: str, exchange: Path
) -> Container:
    """Create the container with what systemd and a nested engine need, short of --privileged."""
    settings = client.api.create_host_config(
        binds=[
            f"{volume}:/var/lib/docker",
            f"{exchange}:{EXCHANGE}",
            f"{CA_BUNDLE}:{CA_BUNDLE}:ro",
        ],
        cap_add=["ALL"],
        cap_drop=["SYS_RESOURCE"],  # missing from the bounding set of some machines
        security_opt=["seccomp=unconfined", "apparmor=unconfined"],
        device_cgroup_rules=["a *:* rwm"],
        tmpfs={"/run": "exec", "/run/lock": "", "/tmp": "exec"},
    )
    settings["CgroupnsMode"] = "private"
    settings["MaskedPaths"] = []  # the two that --security-opt systempaths=unconfined stands for
    settings["ReadonlyPaths"] = []
    created: dict[str, str] = client.api.create_container(
        image,
        ["/usr/local/lib/lab/init.sh"],
        name=name,
        hostname=name,
        host_config=settings,
        environment={"container": "docker"},  # systemd asks this variable where it runs
    )
    return client.containers.get(created["Id"])


def _wait_for_systemd(host: FreshHost) -> None:
    deadline = time.monotonic() + BOOT_DEADLINE
    state = ""
    while time.monotonic() < deadline:
        with contextlib.suppress(docker.errors.APIError):  # not running yet, or not any more
            done = host.run(["systemctl", "is-system-running"], user="root", check=False)
            state = done.stdout.strip()
        if state in {"running", "degraded"}:
            return
        time.sleep(0.1)
    log = host.container.logs(tail=20).decode(errors="replace")
    raise FreshHostError(f"systemd is {state!r} after {BOOT_DEADLINE:.0f} s\n{log}")


def _environment() -> dict[str, str]:
    found = dict.fromkeys(CA_VARIABLES, CA_BUNDLE)
    for name in (*PASSED_ON, *(name.upper() for name in PASSED_ON)):
        if name in os.environ:
            found[name] = os.environ[name]
    return found


def _connect_to_the_world(host: FreshHost) -> None:
    """Give the running host, and no file that lasts, this machine's way of fetching."""
    variables = "".join(f"{name}={value}\n" for name, value in host.environment.items())
    with tempfile.TemporaryDirectory(dir=host.exchange) as folder:
        tree = Path(folder)
        _place(tree / "etc/environment", variables)
        _place(tree / "etc/lab.conf", f"LAB_HOST_ADDRESS={host.host_address}\n")
        for path in (*_apt_settings(), Path("/etc/pip.conf")):
            if path.exists():
                _place(tree / path.relative_to("/"), path.read_text())
        # all at once, since every command in a container costs a tenth of a second
        host.run(["cp", "-rT", f"{EXCHANGE}/{tree.name}", "/"], user="root")


def _place(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _relay(address: str, port: int) -> subprocess.Popen[str]:
    """Let a server on this machine's loopback be reached at the address too."""
    command = ["python3", str(PARTS / "forward.py"), address, "127.0.0.1", str(port)]
    relay = subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", *command], stdout=subprocess.PIPE, text=True
    )
    assert relay.stdout is not None
    if not relay.stdout.readline():
        raise FreshHostError(f"nothing listens on {address}:{port} and no relay could be started")
    return relay


def _connects(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=5).close()
    except OSError:
        return False
    return True


def _copy(src: Path, dst: Path) -> None:
    if src.is_dir():
        shutil.copytree(src, dst, symlinks=True)
    else:
        shutil.copy2(src, dst)


def _said(done: subprocess.CompletedProcess[str]) -> str:
    tail = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
    return f"exit code {done.returncode}: {' '.join(map(str, done.args))}\n{tail}"

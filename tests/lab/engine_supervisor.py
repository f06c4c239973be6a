"""The parent of a private engine (engine.py runs this file as a program).

It owns everything the engine leaves behind and ends when its stdin closes, so the machine is clean
again even after the test process was killed with SIGKILL.

The engine runs with --iptables=false: an engine flushes the shared DOCKER chains when it starts
and would cut off another one. Three rules of our own give its address pool a way out; published
ports go through docker-proxy, as ports on 127.0.0.1 always do.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

STOP_DEADLINE = 25.0
CGROUP_ROOT = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Network:
    """A bridge and a /16 that no other engine has. The bridge's name is also the cgroup's."""

    bridge: str
    pool: ipaddress.IPv4Network

    @property
    def gateway(self) -> str:
        return str(self.pool[1])

    def rules(self) -> list[list[str]]:
        pool = str(self.pool)
        out = ["POSTROUTING", "-s", pool, "!", "-d", pool, "-j", "MASQUERADE"]
        return [
            ["nat", *out],
            ["filter", "FORWARD", "-s", pool, "-j", "ACCEPT"],
            ["filter", "FORWARD", "-d", pool, "-j", "ACCEPT"],
        ]


def _ip(*args: str) -> str:
    return _output(["ip", *args])


def _output(argv: Sequence[str]) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def _claim_network() -> Network:
    """Take the first free pool; creating the bridge is the atomic claim."""
    routes = json.loads(_ip("-j", "-4", "route", "show", "table", "all") or "[]")
    used = [
        ipaddress.ip_network(route["dst"], strict=False)
        for route in routes
        if route["dst"][0].isdigit()
    ]
    for number in range(200, 250):
        network = Network(f"lab{number}", ipaddress.IPv4Network(f"10.{number}.0.0/16"))
        if any(network.pool.overlaps(other) for other in used):
            continue
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip("link", "add", network.bridge, "type", "bridge")
            return network
    sys.exit("no free 10.200-249.0.0/16 for a private engine")


def _open_network(network: Network) -> None:
    _ip("addr", "add", f"{network.gateway}/24", "dev", network.bridge)
    _ip("link", "set", network.bridge, "up")
    for table, chain, *rule in network.rules():
        # first place: a policy or rule of another engine must not come before it
        _output(["iptables", "-w", "-t", table, "-I", chain, *rule])


def _close_network(network: Network) -> None:
    for table, chain, *rule in network.rules():
        with contextlib.suppress(subprocess.CalledProcessError):
            _output(["iptables", "-w", "-t", table, "-D", chain, *rule])
    for link in json.loads(_ip("-j", "-4", "addr") or "[]"):
        addresses = [ipaddress.IPv4Address(info["local"]) for info in link["addr_info"]]
        if any(address in network.pool for address in addresses):  # also networks made by tests
            _ip("link", "delete", link["ifname"])
    with contextlib.suppress(subprocess.CalledProcessError):  # claimed, not yet opened
        _ip("link", "delete", network.bridge)


def _dockerd(root: Path, runtime: Path, network: Network, options: Sequence[str]) -> list[str]:
    return [
        # a supervisor that was killed takes the engine along
        *("setpriv", "--pdeathsig", "TERM", "dockerd"),
        f"--config-file={runtime / 'daemon.json'}",  # not that of this machine's own engine
        f"--data-root={root / 'data'}",
        f"--exec-root={runtime / 'exec'}",
        f"--host=unix://{runtime / 'docker.sock'}",
        f"--pidfile={runtime / 'docker.pid'}",
        f"--bridge={network.bridge}",
        f"--default-address-pool=base={network.pool[0x8000]}/17,size=24",
        "--iptables=false",
        f"--cgroup-parent=/{network.bridge}",  # leftovers are found by their cgroup
        f"--containerd-namespace={network.bridge}",  # in case it finds the machine's containerd
        f"--containerd-plugins-namespace={network.bridge}-plugins",
        "--shutdown-timeout=5",
        *options,
    ]


def _supervise(root: Path, runtime: Path, options: Sequence[str]) -> int:
    network = _claim_network()
    try:
        _open_network(network)
        (runtime / "daemon.json").write_text("{}")
        with (root / "dockerd.log").open("ab") as log:
            process = subprocess.Popen(
                _dockerd(root, runtime, network, options),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        print(json.dumps({"pid": process.pid, "gateway": network.gateway}), flush=True)
        alive = os.pidfd_open(process.pid)
        select.select([sys.stdin, alive], [], [])
        ended_by_itself = process.poll() is not None
        _end(process)
    finally:
        _kill_leftovers(runtime, network)
        _unmount_below(root, runtime)
        _close_network(network)
        shutil.rmtree(root / "data", ignore_errors=True)
        shutil.rmtree(runtime, ignore_errors=True)
    return int(ended_by_itself)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=STOP_DEADLINE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _kill_leftovers(runtime: Path, network: Network) -> None:
    """Containers by their cgroup, containerd and its shims by the socket that they name."""
    deadline = time.monotonic() + STOP_DEADLINE
    while time.monotonic() < deadline:
        pids = {*_in_cgroups(network.bridge), *_naming(runtime)}
        if not pids:
            break
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)
    for folder in _cgroups(network.bridge):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _cgroups(name: str) -> list[Path]:
    """Every folder of the cgroup, deepest first, on either version of cgroups."""
    tops = [top for pattern in (name, f"*/{name}") for top in CGROUP_ROOT.glob(pattern)]
    below = (path for top in tops for path in (top, *top.rglob("*")) if path.is_dir())
    return sorted(below, key=lambda path: len(path.parts), reverse=True)


def _in_cgroups(name: str) -> Iterator[int]:
    for folder in _cgroups(name):
        with contextlib.suppress(OSError):
            yield from map(int, (folder / "cgroup.procs").read_text().split())


def _naming(runtime: Path) -> Iterator[int]:
    needle = f"{runtime / 'exec'}/".encode()
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if needle in cmdline.read_bytes():
                yield int(cmdline.parent.name)


def _unmount_below(*roots: Path) -> None:
    mounted = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in reversed(mounted):
        if _below(Path(point), roots):
            subprocess.run(["umount", "--lazy", point], check=False, capture_output=True)


def _below(path: Path, roots: Iterable[Path]) -> bool:
    return any(path.is_relative_to(root) for root in roots)


if __name__ == "__main__":
    # Ended by closing stdin only: a signal meant for the tests must not stop the cleaning up.
    # (A handler, since an ignored signal would be inherited by the engine.)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    sys.exit(_supervise(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))

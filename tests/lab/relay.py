"""Relays: a server on this machine's loopback, reachable at another address of it too."""

from __future__ import annotations

import socket
import subprocess

from tests.lab.fresh_rootfs import PARTS, FreshHostError


def relay(address: str, port: int) -> subprocess.Popen[str]:
    """Let a server on this machine's loopback be reached at the address too."""
    command = ["python3", str(PARTS / "forward.py"), address, "127.0.0.1", str(port)]
    relay = subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", *command], stdout=subprocess.PIPE, text=True
    )
    assert relay.stdout is not None
    if not relay.stdout.readline():
        raise FreshHostError(f"nothing listens on {address}:{port} and no relay could be started")
    return relay


def connects(address: str, port: int) -> bool:
    """Say whether something listens there."""
    try:
        socket.create_connection((address, port), timeout=5).close()
    except OSError:
        return False
    return True

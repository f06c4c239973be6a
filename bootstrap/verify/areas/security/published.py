"""Ports: who can reach the services. MLflow and Prefect ask nobody for a password."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from bootstrap.host.ports import listening
from bootstrap.verify.check import Check, Finding, failed, passed, skipped, warning
from bootstrap.verify.engine import containers
from bootstrap.verify.subject import Subject

Place = tuple[str, int]
"""An address of this machine and a port on it."""

WANTED = "ports on 127.0.0.1 only: other machines come in through ssh -L"


def _containers(subject: Subject) -> Finding:
    running = [c for c in containers(subject) if c.state == "running"]
    places = {place for container in running for place in container.published}
    return judged(places, subject.blueprint.selection.bind)


def _processes(subject: Subject) -> Finding:
    if subject.runtime.name == "docker":
        return skipped("the services are containers")
    ports = frozenset(subject.runtime.ports.values())
    return judged(listening(ports), subject.blueprint.selection.bind)


def judged(places: Collection[Place], chosen: str) -> Finding:
    """What to say of what is published; chosen is the address of `--bind`."""
    if not places:
        return passed("nothing is published")
    open_to_others = sorted(place for place in places if not is_loopback(place[0]))
    if not open_to_others:
        return passed(f"ports {', '.join(str(port) for _, port in sorted(places))} on loopback")
    said = f"open to other machines: {', '.join(map(_text, open_to_others))}"
    if not is_loopback(chosen) and {address for address, _ in open_to_others} == {chosen}:
        back = "mlops-bootstrap up --bind 127.0.0.1"
        return warning(f"{said}, as --bind {chosen} asked for", wanted=WANTED, remedy=back)
    again = "mlops-bootstrap down && mlops-bootstrap up"
    others = "where another program listens, `sudo ss -ltnp` names it"
    return failed(said, wanted=WANTED, remedy=f"{again}  # {others}")


def is_loopback(address: str) -> bool:
    """Whether an address is of this machine alone; an engine writes none for all of them."""
    if not address:
        return False
    known = ipaddress.ip_address(address)
    mapped = known.ipv4_mapped if isinstance(known, ipaddress.IPv6Address) else None
    return (mapped or known).is_loopback


def _text(place: Place) -> str:
    address, port = place
    return f"port {port} on {address or 'all addresses'}"


CHECKS = (
    Check(
        "security.ports",
        "Containers publish ports for this machine only",
        _containers,
        requires=("tools.engine",),
        docker=True,
    ),
    Check("security.listeners", "Services listen for this machine only", _processes),
)

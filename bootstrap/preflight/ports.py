"""Ports that somebody else holds, with who it is and a port that is free."""

from __future__ import annotations

from bootstrap.host.ports import holder, next_free
from bootstrap.preflight.needs import Needs
from bootstrap.preflight.problem import Problem


def check(needs: Needs) -> tuple[Problem, ...]:
    """Find the taken ports. Each remedy names a port that is free now and no other service's."""
    found: list[Problem] = []
    spoken_for = {port for port, _ in needs.ports.values()}
    for service, (port, flag) in needs.ports.items():
        if port in needs.own_ports:
            continue
        who = holder(port, published_by=needs.published_by)
        if who is None:
            continue
        known = bool(who.container) or who.pid is not None
        remedy = f"stop {who if known else 'it'}"
        free = next_free(port, spoken_for)
        if free is not None:
            spoken_for.add(free)
            remedy = f"use another port: {flag} {service}={free}, or {remedy}"
        what = f"port {port} for {service} is held by {who}"
        found.append(Problem("E-PORT-TAKEN", what, where=f"127.0.0.1:{port}", remedy=remedy))
    return tuple(found)

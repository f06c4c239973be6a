"""How the services run: as it was asked, or as this machine lets them."""

from __future__ import annotations

import grp
import os
from dataclasses import dataclass

from bootstrap.host import sudo
from bootstrap.host.docker_view import Reach
from bootstrap.host.host import HostView
from bootstrap.runtimes.runtime import Name

AUTO = "auto"
RUNTIMES = (AUTO, "docker", "native")

ADMINISTRATORS = ("sudo", "admin", "wheel")
"""Groups whose members may use sudo on Debian, Ubuntu and others, as shipped."""

GET_DOCKER = (
    "for Docker, let an administrator install it and add you to the group docker, then run"
    " `mlops-bootstrap up --runtime docker`"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A runtime, and why it is not Docker where nobody asked for another."""

    runtime: Name
    why: str = ""

    def __str__(self) -> str:
        return f"runtime native: {self.why}; {GET_DOCKER}" if self.why else self.runtime


def choose(asked: str, view: HostView) -> Choice:
    """The runtime for what was asked: auto is Docker where an engine answers or can be had."""
    if asked == "docker":
        return Choice("docker")
    if asked == "native":
        return Choice("native")
    why = why_no_engine(view)
    return Choice("native", why) if why else Choice("docker")


def why_no_engine(view: HostView) -> str:
    """Why this user can have no engine here, empty where one answers or can be installed."""
    reach = view.engine.reach()
    if reach is Reach.ANSWERS or not view.engine_is_ours:
        return ""  # one that DOCKER_HOST names is wanted: that it is silent will be said
    rights = _why_no_root()
    if rights:
        what = "may not be used by you" if reach is Reach.DENIED else "does not answer"
        return f"Docker Engine {what}, and {rights}"
    if view.which("dockerd") is None and view.which("apt-get") is None:
        return "Docker Engine is not installed, and there is no apt to install it with"
    return ""


def _why_no_root() -> str:
    state = sudo.available()
    if state in {sudo.SudoState.ROOT, sudo.SudoState.PASSWORDLESS}:
        return ""
    if state is sudo.SudoState.NEEDS_PASSWORD:
        if not _is_administrator():
            return "you are not in a group that may use sudo"
        return "" if sudo.has_terminal() else "there is no terminal to ask for sudo's password on"
    return str(state.value)


def _is_administrator() -> bool:
    """Whether this user is in a group for sudo. sudo itself tells only who gave a password."""
    names = set()
    for gid in os.getgroups():
        try:
            names.add(grp.getgrgid(gid).gr_name)
        except KeyError:
            continue
    return not names.isdisjoint(ADMINISTRATORS)

"""Docker Engine: it answers this user without sudo, now and after the next login."""

from __future__ import annotations

import grp
import os
import pwd

from bootstrap.host.docker_view import Reach
from bootstrap.steps.engine import GROUP
from bootstrap.verify.check import Check, Finding, failed, passed, skipped, warning
from bootstrap.verify.engine import reach
from bootstrap.verify.subject import Subject


def _group(subject: Subject) -> Finding:
    view = subject.view
    if not view.engine_is_ours:
        return skipped("DOCKER_HOST names the engine")
    if view.is_root:
        return skipped("root needs no group")
    try:
        group = grp.getgrnam(GROUP)
    except KeyError:
        return skipped(f"there is no group {GROUP}")
    primary = pwd.getpwnam(view.user).pw_gid == group.gr_gid
    return judged_group(
        view.user,
        in_file=primary or view.user in group.gr_mem,
        in_session=group.gr_gid in {os.getegid(), *os.getgroups()},
        reach=reach(subject),
    )


def judged_group(user: str, *, in_file: bool, in_session: bool, reach: Reach) -> Finding:
    """What to say of a user's membership, in the file of groups and in this session.

    Where the engine refuses this session, nothing about Docker can be tried in it: that is no
    failure of the engine's.
    """
    refused = reach is Reach.DENIED
    wanted = f"{user} in the group {GROUP}"
    if not in_file:
        until = "" if refused else "; that the engine answers ends with this session or boot"
        return failed(
            f"{user} is not in the group {GROUP}{until}",
            wanted=wanted,
            remedy=f"sudo usermod --append --groups {GROUP} {user}  # then log out and in again",
            blocks=refused,
        )
    if in_session:
        return passed(wanted)
    return warning(
        f"installed, needs a new login: {user} is in the group {GROUP}, this session is older",
        wanted="a session that began after that",
        remedy=f"log out and in again (with VS Code: kill its server too), or: newgrp {GROUP}",
        blocks=refused,
    )


def _engine(subject: Subject) -> Finding:
    view = subject.view
    found = reach(subject)
    if found is Reach.ANSWERS:
        return _running(subject)
    wanted = "an engine that answers without sudo"
    if not view.engine_is_ours:
        return failed(
            f"the engine that DOCKER_HOST names does not answer: {found.value}",
            wanted=wanted,
            remedy="start it, or use this machine's own engine: unset DOCKER_HOST",
        )
    if found is Reach.DENIED:
        said = f"{view.engine.socket} may not be used by {view.user}: {found.value}"
    elif view.which("dockerd") is None:
        said = "not installed"
    else:
        said = f"installed, not running: {found.value}"
    return failed(said, wanted=wanted, remedy="mlops-bootstrap up")


def _running(subject: Subject) -> Finding:
    view = subject.view
    version = view.engine.version()
    if view.engine_is_ours and view.has_systemd:
        units = ("docker.service", "docker.socket")
        states = subject.query("systemctl", "is-enabled", *units).output.split()
        if states and "enabled" not in states:
            return warning(
                f"{version} answers, and will not after the next boot",
                wanted="an engine that starts with the machine",
                remedy=f"sudo systemctl enable {' '.join(units)}",
            )
    return passed(f"{version} answers without sudo")


CHECKS = (
    Check("tools.docker-group", "You may use Docker Engine, for good", _group, docker=True),
    Check(
        "tools.engine",
        "Docker Engine answers without sudo",
        _engine,
        requires=("tools.docker-group",),
        docker=True,
    ),
)

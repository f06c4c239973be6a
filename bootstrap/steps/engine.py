"""Docker Engine: installed, started, and open to this user in this very run."""

from __future__ import annotations

import grp

from bootstrap.core.errors import BootstrapError, Interrupted
from bootstrap.core.step import Job, Observation, Step
from bootstrap.host import apt, command
from bootstrap.host.command import Command
from bootstrap.host.docker_view import DEFAULT_SOCKET, Reach
from bootstrap.host.host import Host, HostView

PACKAGES = ("docker.io", "iptables", "acl")
"""The distribution's own engine: signed by the archive that the machine trusts already. iptables
is what it publishes ports with; acl opens its socket to this user without a new login."""

SPLIT_CLI = "docker-cli"
"""From Debian 13 on the docker command is a package of its own."""

GROUP = "docker"
START_DEADLINE = 60.0
"""Seconds for a started engine to answer; it takes 2 to 10 on a small VM."""


class DockerEngine(Step[HostView, Host]):
    """An engine that answers this user. One named by DOCKER_HOST is used, never managed."""

    name = "engine"
    title = "Docker Engine"
    resources = frozenset({"apt"})

    def observe(self, view: HostView) -> Observation:
        reach = view.engine.reach()
        wanted = "an engine that answers"
        if reach is Reach.ANSWERS:
            if self._needs_group(view):
                return Observation(False, f"{view.user} is not in the group {GROUP}", wanted)
            return Observation(True, f"{view.engine.version()} answers", wanted)
        if view.engine_is_ours and view.which("dockerd") is None:
            return Observation(False, "not installed", wanted)
        found = {Reach.DENIED: f"{view.user} may not use it"}.get(reach, "installed, not running")
        return Observation(False, found, wanted)

    def apply(self, host: Host, job: Job) -> None:
        if not host.engine_is_ours:
            raise BootstrapError(
                "E-ENGINE-LOST",
                "the engine that DOCKER_HOST names does not answer",
                where=host.engine.address,
                remedy="start it, or unset DOCKER_HOST to use this machine's own engine",
            )
        if host.which("dockerd") is None:
            wait = apt.lock_deadline(host.environ)
            apt.install(PACKAGES, job, deadline_s=wait)
            if host.which("docker") is None:  # known only now: there may have been no lists before
                apt.install((SPLIT_CLI,), job, deadline_s=wait)
        if host.engine.reach() in {Reach.NO_SOCKET, Reach.SILENT}:
            self._start(host, job)
        if not host.is_root:
            self._open_to_user(host, job)

    def as_root(self, view: HostView) -> tuple[str, ...]:
        if not view.engine_is_ours or self.observe(view).satisfied:
            return ()
        commands: list[str] = []
        if view.which("dockerd") is None:
            commands += apt.commands((*PACKAGES, SPLIT_CLI) if apt.offers(SPLIT_CLI) else PACKAGES)
        elif not view.is_root:
            commands += apt.commands(("acl",))
        reach = view.engine.reach()
        if reach in {Reach.NO_SOCKET, Reach.SILENT}:
            commands += [str(way) for way in self._start_commands(view)]
        if not view.is_root:
            commands += [str(Command(argv, root=True)) for argv in self._open_commands(view)]
        return tuple(commands)

    def _needs_group(self, view: HostView) -> bool:
        """Whether access rests on something that ends with this boot, such as an ACL of ours."""
        if view.is_root or not view.engine_is_ours:
            return False
        try:
            return view.user not in grp.getgrnam(GROUP).gr_mem
        except KeyError:  # no such group: the socket is open by another arrangement
            return False

    def _start_commands(self, view: HostView) -> tuple[Command, ...]:
        """The ways to start it, best first; each is for where those before it failed."""
        ways: list[tuple[str, ...]] = []
        if view.has_systemd:
            ways = [("systemctl", "enable", "--now", "docker.socket", "docker.service")]
        else:
            if view.has_init_script("docker"):
                ways = [("service", "docker", "start")]
            # The script ends with an error where it may not raise its limits (WSL, containers).
            dockerd = str(view.which("dockerd") or "/usr/sbin/dockerd")
            ways.append(
                ("start-stop-daemon", "--start", "--oknodo", "--background", "--make-pidfile",
                 "--pidfile", "/run/docker-ssd.pid", "--output", "/var/log/docker.log",
                 "--exec", dockerd)
            )  # fmt: skip
        return tuple(Command(argv, root=True, deadline=120, outlives_us=True) for argv in ways)

    def _start(self, host: Host, job: Job) -> None:
        from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

        self._start_in_some_way(host, job)
        starting = Retrying(
            retry=retry_if_result(lambda reach: reach in {Reach.NO_SOCKET, Reach.SILENT}),
            stop=stop_after_delay(START_DEADLINE),
            wait=wait_fixed(0.2),
            sleep=job.cancel.sleep,
        )
        try:
            starting(host.engine.reach)
        except RetryError as error:
            silent = f"it does not answer after {START_DEADLINE:.0f} s"
            raise _not_started(silent, host) from error

    def _start_in_some_way(self, host: Host, job: Job) -> None:
        *ways, last = self._start_commands(host)
        for way in ways:
            if command.run(way, job.cancel, job.note).code == 0:
                return
        try:
            host.run(last, job)
        except Interrupted:
            raise
        except BootstrapError as error:
            raise _not_started(error.what, host) from error

    def _open_commands(self, view: HostView) -> tuple[tuple[str, ...], ...]:
        return (
            ("usermod", "--append", "--groups", GROUP, view.user),
            # Membership counts from the next login on; until then this user gets the socket by ACL.
            ("setfacl", "--modify", f"user:{view.user}:rw", DEFAULT_SOCKET),
        )

    def _open_to_user(self, host: Host, job: Job) -> None:
        if absent := apt.missing(("acl",)):
            apt.install(absent, job, deadline_s=apt.lock_deadline(host.environ))
        for argv in self._open_commands(host):
            host.run(Command(argv, root=True, deadline=30), job)


def _not_started(what: str, view: HostView) -> BootstrapError:
    log = "sudo journalctl -u docker" if view.has_systemd else "sudo tail /var/log/docker.log"
    return BootstrapError(
        "E-ENGINE-START",
        f"Docker Engine did not start: {what}",
        where=view.engine.address,
        remedy=f"its log says why: `{log}`; then run `mlops-bootstrap up` again",
    )

"""What the engine step would run as root, on one machine and another; what it finds there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bootstrap.host import apt
from bootstrap.host.docker_view import EngineView, Reach
from bootstrap.host.host import HostView
from bootstrap.host.paths import Paths
from bootstrap.steps.engine import DockerEngine


class FakeEngine(EngineView):
    def __init__(self, reach: Reach) -> None:
        super().__init__()
        self._reach = reach

    def reach(self) -> Reach:
        return self._reach

    def version(self) -> str:
        return "20.10.24"


class FakeView(HostView):
    user = "student"
    is_root = False

    def __init__(
        self, reach: Reach, *, systemd: bool = True, script: bool = True, environ: str = ""
    ) -> None:
        variables: Mapping[str, str] = {"HOME": "/home/x", "DOCKER_HOST": environ}
        super().__init__(variables, Paths.of(variables), FakeEngine(reach))
        self._systemd = systemd
        self._script = script

    @property
    def has_systemd(self) -> bool:
        return self._systemd

    def has_init_script(self, service: str) -> bool:
        return self._script

    def which(self, program: str) -> Path | None:
        return Path("/usr/sbin", program)


OPEN = (
    "sudo usermod --append --groups docker student",
    "sudo setfacl --modify user:student:rw /var/run/docker.sock",
)
SYSTEMD = "sudo systemctl enable --now docker.socket docker.service"
SCRIPT = "sudo service docker start"
ITSELF = (
    "sudo start-stop-daemon --start --oknodo --background --make-pidfile"
    " --pidfile /run/docker-ssd.pid --output /var/log/docker.log --exec /usr/sbin/dockerd"
)


@pytest.mark.parametrize(
    ("view", "commands"),
    [
        (FakeView(Reach.NO_SOCKET), (SYSTEMD, *OPEN)),
        (FakeView(Reach.SILENT), (SYSTEMD, *OPEN)),
        (FakeView(Reach.DENIED), OPEN),
        (FakeView(Reach.SILENT, systemd=False), (SCRIPT, ITSELF, *OPEN)),
        (FakeView(Reach.SILENT, systemd=False, script=False), (ITSELF, *OPEN)),
        (FakeView(Reach.SILENT, environ="tcp://elsewhere:2375"), ()),
    ],
)
def test_what_runs_as_root(
    view: FakeView, commands: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(apt, "commands", lambda packages: ())
    assert DockerEngine().as_root(view) == commands


@pytest.mark.parametrize(
    ("reach", "found"),
    [
        (Reach.DENIED, "student may not use it"),
        (Reach.NO_SOCKET, "installed, not running"),
        (Reach.SILENT, "installed, not running"),
    ],
)
def test_what_is_found(reach: Reach, found: str) -> None:
    seen = DockerEngine().observe(FakeView(reach))
    assert (seen.satisfied, seen.found) == (False, found)


def test_an_engine_named_by_docker_host_is_used_as_it_is() -> None:
    seen = DockerEngine().observe(FakeView(Reach.ANSWERS, environ="tcp://elsewhere:2375"))
    assert (seen.satisfied, seen.found) == (True, "20.10.24 answers")

"""Docker Engine on a machine that systemd does not run: WSL 1, or a container as a workplace."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.fresh_student import HOME, Student
from tests.lab import LabFiles
from tests.lab.cache import default_cache
from tests.lab.engine import Engine
from tests.lab.fresh_host import fresh_host

pytestmark = [
    pytest.mark.lab, pytest.mark.engine, pytest.mark.machine, pytest.mark.timeout(900)
]  # fmt: skip

STEP = """
import os
from bootstrap.core.cancel import Cancel
from bootstrap.core.plan import make_plan
from bootstrap.core.run import Run
from bootstrap.host.host import this_machine
from bootstrap.steps.engine import DockerEngine

view, host = this_machine(os.environ)
plan = make_plan((DockerEngine(),), view)
print(*(change.found for change in plan.changes))
print(*DockerEngine().as_root(view), sep="; ")
result = Run(plan, view, host, lambda event: None, Cancel())()
print(result.outcome, *result.failures.values())
"""


@pytest.fixture(scope="module")
def student(
    engine: Engine, lab: LabFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Student]:
    with fresh_host(engine, default_cache(), name_suffix="plain", systemd=False) as host:
        made = Student(host)
        made.install(tmp_path_factory.mktemp("wheel"), lab.course_path)
        yield made


def converge(student: Student) -> tuple[str, str, str]:
    """What the step found, what it would run as root, and how it ended."""
    said = student.host.run([f"{HOME}/tool/bin/python", "-c", STEP], timeout=600).stdout
    found, as_root, ended = said.splitlines()
    return found, as_root, ended


def end_the_engine(student: Student) -> None:
    script = """
        pkill --exact dockerd
        while pgrep --exact dockerd; do sleep 0.1; done
        rm -f /var/run/docker.sock
    """
    student.host.run(["bash", "-c", script], user="root")


def answers(student: Student) -> bool:
    """Whether the engine answers this user; the step itself saw that in its own session."""
    code = "import docker; print(docker.from_env().ping())"
    return student.host.run([f"{HOME}/tool/bin/python", "-c", code]).stdout == "True\n"


def test_an_engine_is_installed_and_answers(student: Student) -> None:
    assert student.root("ps", "-o", "comm=", "-p", "1") == "bash\n"
    found, as_root, ended = converge(student)
    assert found == "not installed"
    assert "sudo apt-get install" in as_root
    assert ended == "changed"
    assert answers(student)


def test_a_stopped_engine_is_started_whatever_its_init_script_says(student: Student) -> None:
    end_the_engine(student)
    found, as_root, ended = converge(student)
    assert (found, ended) == ("installed, not running", "changed")
    assert as_root.startswith("sudo service docker start; sudo start-stop-daemon --start")
    assert answers(student)


def test_without_an_init_script_the_daemon_is_started_itself(student: Student) -> None:
    end_the_engine(student)
    student.root("mv", "/etc/init.d/docker", "/root/")
    found, as_root, ended = converge(student)
    assert (found, ended) == ("installed, not running", "changed")
    assert as_root.startswith("sudo start-stop-daemon")
    assert answers(student)

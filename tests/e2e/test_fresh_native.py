"""Without sudo and without Docker on a fresh machine, beside another user, and over a reboot."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from tests.e2e.fresh_student import HOME, Done, Student

pytestmark = [
    pytest.mark.lab, pytest.mark.engine, pytest.mark.machine, pytest.mark.timeout(1800)
]  # fmt: skip

USER = "nosudo"
DATA = f"/home/{USER}/.local/share/mlops-bootstrap/native/mlops-zoomcamp"
UNITS = f"/home/{USER}/.config/systemd/user"
PORTS = ("--port", "mlflow=5002", "--port", "prefect=4202")
OTHER_PORTS = ("--port", "mlflow=5003", "--port", "prefect=4203")
GIT = "command -v git || { apt-get update -qq && apt-get install -qq --no-install-recommends git; }"
"""There, where the tests before these ran."""

PATIENCE = 120.0
"""Seconds for services to come by themselves."""


def ok(student: Student, *arguments: str, user: str = USER) -> Done:
    done = student.call(*arguments, user=user)
    assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def neighbour(fresh_student: Student, fresh_options: tuple[str, ...]) -> Iterator[Student]:
    """The machine after the `up` of a user who may not do more than anybody, and who lets the tool
    choose; their systemd runs also while they are not logged in."""
    fresh_student.root("chmod", "711", HOME)
    fresh_student.root("chmod", "-R", "a+rX", f"{HOME}/course")
    fresh_student.root("sh", "-c", GIT)
    fresh_student.root("loginctl", "enable-linger", USER)
    course = ("--course", f"{HOME}/course/lab-course.yml")
    said = ok(fresh_student, "up", "--plain", *fresh_options[:2], *course, *PORTS).stderr
    assert "runtime native: Docker Engine " in said
    assert "let an administrator install it and add you to the group docker" in said
    yield fresh_student
    ok(fresh_student, "down", "--volumes", "--yes")


def states(student: Student, user: str = USER) -> dict[str, bool]:
    status = json.loads(student.call("status", "--json", user=user).stdout.splitlines()[-1])
    assert status["runtime"] == "native"
    return {service["name"]: service["healthy"] for service in status["services"]}


WELL = dict.fromkeys(("mlflow", "prefect", "worker"), True)


def test_two_users_have_services_of_their_own(
    neighbour: Student, fresh_options: tuple[str, ...]
) -> None:
    native = ("up", "--plain", "--yes", "--runtime", "native", *fresh_options)
    taken = neighbour.call(*native, *PORTS)
    assert (taken.returncode, "E-PORT-TAKEN" in taken.stderr) == (3, True), taken.stderr
    ok(neighbour, *native, *OTHER_PORTS, user="student")
    try:
        assert states(neighbour) == states(neighbour, "student") == WELL
        seen = neighbour.host.run(["ls", DATA], check=False)
        assert "Permission denied" in seen.stderr
    finally:
        ok(neighbour, "down", "--volumes", "--yes", user="student")
    assert states(neighbour) == WELL


def test_services_begin_with_the_machine_where_the_users_systemd_does(neighbour: Student) -> None:
    before = neighbour.root("cat", f"{DATA}/supervisor.pid")
    neighbour.root("systemctl", "restart", f"user@{neighbour.root('id', '-u', USER).strip()}")
    ends = time.monotonic() + PATIENCE
    while states(neighbour) != WELL and time.monotonic() < ends:
        time.sleep(1)
    assert states(neighbour) == WELL
    assert neighbour.root("cat", f"{DATA}/supervisor.pid") != before


def test_down_leaves_nothing_that_begins_again(neighbour: Student) -> None:
    assert "mlops-bootstrap" in neighbour.root("ls", UNITS)
    ok(neighbour, "down")
    assert neighbour.root("find", UNITS, "-name", "mlops-bootstrap*") == ""
    left = neighbour.host.run(["pgrep", "--count", "--uid", USER, "python"], check=False).stdout
    assert left == "0\n"

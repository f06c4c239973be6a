"""A student's own machine: Docker Engine through the group, in the file and in the session."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from tests.e2e.fresh_student import HOME, TOOL, Done, Student

pytestmark = [
    pytest.mark.lab, pytest.mark.engine, pytest.mark.machine, pytest.mark.timeout(1800)
]  # fmt: skip

AREAS = ("--only", "tools", "--only", "security", "--only", "repository")
SOCKET = "/var/run/docker.sock"
ON_ENGINE = {
    "tools.engine": "blocked",
    "tools.docker-cli": "blocked",
    "tools.compose-plugin": "blocked",
    "security.ports": "blocked",
}


@pytest.fixture(scope="module")
def student(fresh_student: Student, fresh_options: tuple[str, ...]) -> Student:
    # Other tests leave this machine in the runtime that they were about.
    fresh_student.ok("up", "--yes", "--plain", "--runtime", "docker", *fresh_options)
    return fresh_student


def outcomes(done: Done) -> dict[str, str]:
    assert done.stdout, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return {check["code"]: check["outcome"] for check in report["checks"]}


def verified(student: Student) -> Done:
    return student.call("verify", *AREAS, "--json")


def verified_in(student: Student, groups: str) -> Done:
    """The same in a session with these groups: one that is older than the file of groups says."""
    session = ["setpriv", "--reuid=student", "--regid=student", f"--groups={groups}"]
    around = ["env", f"HOME={HOME}", "USER=student"]
    argv = [*session, *around, TOOL, "verify", *AREAS, "--json"]
    return student.host.run(argv, user="root", check=False)


@contextmanager
def socket_for_the_group_alone(student: Student) -> Iterator[None]:
    """Without the right that `up` gave this user, which a new boot takes away."""
    student.root("setfacl", "--remove-all", SOCKET)
    try:
        yield
    finally:
        student.root("setfacl", "--modify", "user:student:rw", SOCKET)


@contextmanager
def not_in_the_group(student: Student) -> Iterator[None]:
    student.root("gpasswd", "--delete", "student", "docker")
    try:
        yield
    finally:
        student.root("usermod", "--append", "--groups", "docker", "student")


def changed(whole: Done, now: Done) -> dict[str, str]:
    before = outcomes(whole)
    return {code: outcome for code, outcome in outcomes(now).items() if outcome != before[code]}


@pytest.fixture(scope="module")
def whole(student: Student) -> Done:
    return verified(student)


def test_all_is_well(whole: Done) -> None:
    assert whole.returncode == 0, whole.stdout
    found = outcomes(whole)
    assert not {"failed", "blocked"} & set(found.values()), whole.stdout
    assert found["tools.docker-group"] == found["tools.engine"] == "passed"
    assert found["tools.compose-path"] == found["tools.compose-plugin"] == "passed"


def test_out_of_the_group(student: Student, whole: Done) -> None:
    with not_in_the_group(student), socket_for_the_group_alone(student):
        now = verified(student)
    assert changed(whole, now) == {"tools.docker-group": "failed", **ON_ENGINE}
    assert now.returncode == 1


def test_out_of_the_group_until_the_next_boot(student: Student, whole: Done) -> None:
    with not_in_the_group(student):
        student.root("setfacl", "--modify", "user:student:rw", SOCKET)
        now = verified(student)
    assert changed(whole, now) == {"tools.docker-group": "failed"}


def test_a_session_older_than_the_group_needs_a_new_login(student: Student, whole: Done) -> None:
    gid = student.root("id", "-g", "student").strip()
    with socket_for_the_group_alone(student):
        now = verified_in(student, gid)
    assert changed(whole, now) == {"tools.docker-group": "warning", **ON_ENGINE}
    (said,) = (c for c in json.loads(now.stdout)["checks"] if c["code"] == "tools.docker-group")
    assert said["found"].startswith("installed, needs a new login: ")
    assert now.returncode == 1  # nothing failed, and Docker was not proven


def stopped(student: Student, units: Sequence[str]) -> Done:
    student.root("systemctl", "stop", *units)
    try:
        return verified(student)
    finally:
        student.root("systemctl", "start", *units)


def test_an_engine_that_was_stopped(student: Student, whole: Done) -> None:
    now = stopped(student, ("docker.socket", "docker.service"))
    wanted = {**ON_ENGINE, "tools.engine": "failed"}
    assert changed(whole, now) == wanted


def test_an_engine_that_does_not_start_at_boot(student: Student, whole: Done) -> None:
    student.root("systemctl", "disable", "docker.socket", "docker.service")
    try:
        now = verified(student)
    finally:
        student.root("systemctl", "enable", "docker.socket", "docker.service")
    assert changed(whole, now) == {"tools.engine": "warning"}
    assert now.returncode == 0

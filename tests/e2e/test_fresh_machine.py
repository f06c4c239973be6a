"""The product on a fresh machine, for real: one story, told in the order in which it happens.

systemd, an unprivileged user with sudo, Python, apt; no git, no Docker, nothing of ours. Each test
leaves the machine as the next one needs it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import pytest

from tests.e2e.fresh_student import HOME, UP, Student

pytestmark = [
    pytest.mark.lab, pytest.mark.engine, pytest.mark.machine, pytest.mark.timeout(1800)
]  # fmt: skip

HOLD_APT = """
import fcntl, time
lock = open("/var/lib/dpkg/lock-frontend", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
open("/run/apt-is-held", "w").close()
time.sleep(3600)
"""
HOLD_PORT = ["python3", "-m", "http.server", "5000", "--bind", "127.0.0.1"]


@contextlib.contextmanager
def apt_held(student: Student) -> Iterator[None]:
    student.host.run_beside(["sudo", "python3", "-c", HOLD_APT])
    wait = "until [ -e /run/apt-is-held ]; do sleep 0.1; done"
    student.host.run(["sh", "-c", wait], user="root")
    try:
        yield
    finally:
        student.root("rm", "/run/apt-is-held")
        student.host.kill_process("^python3 -c .*apt-is-held")


# before anything is there


def test_the_wheel_brings_course_and_services(fresh_student: Student) -> None:
    plan = fresh_student.json("plan", "--course", "mlops-zoomcamp")
    assert len(plan["changes"]) >= 11
    code = "from bootstrap.course import locate; print(locate.compose_directory())"
    folder = fresh_student.host.run([f"{HOME}/tool/bin/python", "-c", code]).stdout.strip()
    assert folder.startswith(f"{HOME}/tool/lib")
    assert "compose.yaml" in fresh_student.root("ls", folder).split()


def test_plan_says_that_there_is_no_engine(
    fresh_student: Student, fresh_options: tuple[str, ...]
) -> None:
    said = fresh_student.ok("plan", *fresh_options).stdout
    assert re.search(r"Docker Engine +not installed -> ", said)
    assert re.search(r"System packages +missing: git -> ", said)
    assert "known after Docker Engine" in said


def test_without_sudo_nothing_is_begun(
    fresh_student: Student, fresh_options: tuple[str, ...]
) -> None:
    fresh_student.root("chmod", "711", HOME)  # so that the other user gets at the tool
    course = f"{HOME}/course/lab-course.yml"
    fresh_student.root("chmod", "-R", "a+rX", f"{HOME}/course")
    before = fresh_student.root("find", "/home/nosudo")
    options = ("up", "--yes", "--plain", *fresh_options[:2], "--course", course)
    refused = fresh_student.call(*options, "--runtime", "docker", user="nosudo")
    assert refused.returncode == 3, refused.stderr
    assert "E-SUDO" in refused.stderr
    for command in (
        "sudo apt-get install --yes --no-install-recommends", "-- docker.io iptables acl",
        "sudo systemctl enable --now docker.socket docker.service",
        "sudo usermod --append --groups docker nosudo",
    ):  # fmt: skip
        assert command in refused.stderr
    assert fresh_student.root("find", "/home/nosudo") == before
    # Left to choose, the tool goes without Docker; what only root can add is still missing.
    natively = fresh_student.call(*options, user="nosudo")
    assert natively.returncode == 3, natively.stderr
    assert "E-PACKAGES" in natively.stderr
    assert "git" in natively.stderr
    assert fresh_student.root("find", "/home/nosudo") == before


def test_a_taken_port_is_said_with_its_holder(
    fresh_student: Student, fresh_options: tuple[str, ...]
) -> None:
    fresh_student.host.run_beside(HOLD_PORT)
    fresh_student.host.run(
        ["sh", "-c", "until ss -Hltn 'sport = :5000' | grep -q .; do sleep 0.1; done"]
    )
    refused = fresh_student.call("up", "--yes", "--plain", *fresh_options)
    assert refused.returncode == 3, refused.stderr
    assert re.search(r"E-PORT-TAKEN .*port 5000 for mlflow is held by python3", refused.stderr)
    assert "--port mlflow=5001" in refused.stderr
    assert not fresh_student.journal()


# one interruption after the other


def test_killed_outright_while_others_hold_apt(
    fresh_student: Student, fresh_options: tuple[str, ...]
) -> None:
    with apt_held(fresh_student):
        options = ("--yes", "--plain", "--port", "mlflow=5001")
        first = fresh_student.begin("up", *options, *fresh_options)
        first.until("step-started", "environment")
        first.until("step-note", "packages", "waiting for python3")
        second = fresh_student.call("up", "--yes", "--plain")
        assert second.returncode == 4, second.stderr
        assert "E-LOCKED" in second.stderr
        pid = fresh_student.root("pgrep", "--full", UP).split()[0]
        assert f"process {pid}" in second.stderr
        assert first.signal("KILL").returncode == 137
        # nothing of it goes on behind its back
        script = "while pgrep --full '^[^ ]*/uv pip '; do sleep 0.1; done"
        fresh_student.host.run(["sh", "-c", script], timeout=10)


def test_waiting_for_apt_has_an_end(fresh_student: Student) -> None:
    with apt_held(fresh_student):
        ended = fresh_student.call("up", "--yes", "--plain", MLOPS_BOOTSTRAP_APT_WAIT="2")
    assert ended.returncode == 1, ended.stderr
    said = ended.stdout + ended.stderr
    assert re.search(r"E-APT-LOCKED.*python3 \(process \d+\)", said)
    assert "do not delete the lock files" in said
    steps = {
        e["step"]: e["outcome"] for e in fresh_student.journal() if e["event"] == "step-finished"
    }
    # A run that was killed before may have come as far as docker-compose.
    assert steps["environment"] == steps.get("docker-compose", "changed") == "changed"
    assert steps["services"] == "blocked"


def test_killed_while_apt_installs_the_engine(fresh_student: Student) -> None:
    run = fresh_student.begin("up", "--yes", "--plain")
    run.until("step-started", "engine")
    assert run.signal("KILL").returncode == 137


@pytest.mark.parametrize(
    ("signal", "code", "step"), [("TERM", 143, "image-course"), ("INT", 130, "services")]
)
def test_a_signal_ends_a_run_that_can_go_on(
    fresh_student: Student, signal: str, code: int, step: str
) -> None:
    run = fresh_student.begin("up", "--yes", "--plain")
    run.until("step-started", step)
    ended = run.signal(signal)
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr


def test_up_ends_with_proven_services(fresh_student: Student) -> None:
    done = fresh_student.ok("up", "--yes", "--plain")
    assert "http://127.0.0.1:5001" in done.stdout  # chosen once, remembered since
    assert fresh_student.host.run(["systemctl", "is-enabled", "docker"]).stdout == "enabled\n"
    assert "docker" in fresh_student.root("id", "-nG", "student").split()
    head = fresh_student.host.run(["git", "-C", "mlops-zoomcamp", "rev-parse", "HEAD"]).stdout
    assert head.strip() in fresh_student.root("cat", f"{HOME}/course/lab-course.yml")

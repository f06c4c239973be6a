"""A fresh machine after `up`: what is there, what is hidden, and what survives.

The machine is that of test_fresh_machine.py; where that did not run, it is brought up here.
"""

from __future__ import annotations

import re

import pytest
import yaml

from tests.e2e.fresh_student import HOME, Student
from tests.e2e.process_tree import below

pytestmark = [
    pytest.mark.lab, pytest.mark.engine, pytest.mark.machine, pytest.mark.timeout(1800)
]  # fmt: skip

PROJECT = "label=com.docker.compose.project=mlops-zoomcamp"
LOG_RUN = """
import mlflow
with mlflow.start_run() as run:
    mlflow.log_metric("kept", 7)
    mlflow.log_text("kept too", "note.txt")
print(run.info.run_id)
"""
READ_RUN = """
import sys, mlflow
run = mlflow.get_run(sys.argv[1])
print(run.data.metrics["kept"], mlflow.artifacts.load_text(run.info.artifact_uri + "/note.txt"))
"""


@pytest.fixture(scope="module")
def student(fresh_student: Student, fresh_options: tuple[str, ...]) -> Student:
    fresh_student.ok("up", "--yes", "--plain", *fresh_options)
    return fresh_student


def test_a_second_up_has_nothing_to_do(student: Student) -> None:
    assert "Nothing to do" in student.ok("up").stdout
    status = student.json("status")
    assert {s["name"]: s["healthy"] for s in status["services"]} == dict.fromkeys(
        ("postgres", "mlflow", "prefect", "worker"), True
    )


def test_a_new_terminal_has_compose_and_the_environment(student: Student) -> None:
    course = yaml.safe_load(student.root("cat", f"{HOME}/course/lab-course.yml"))
    wanted = course["binaries"][0]["version"]
    line = ["bash", "-lic", "docker-compose version; docker compose version"]
    said = student.host.run(line, login=True).stdout.splitlines()
    assert len(said) == 2
    assert all(each.endswith(wanted) for each in said)
    student.ok("run", "--", "python", "-c", "import mlflow, prefect, pyarrow")


def test_containers_are_the_students_and_ports_are_local(student: Student) -> None:
    uid = student.root("id", "-u", "student").strip()
    listed = student.root("docker", "ps", "--filter", PROJECT, "--format", "{{.Names}} {{.Ports}}")
    assert len(listed.splitlines()) == 4
    for name, *ports in map(str.split, listed.splitlines()):
        table = student.root("docker", "top", name, "-o", "pid,ppid,uid,args").splitlines()[1:]
        rows = [line.split() for line in table]
        (first,) = [row[0] for row in rows if row[3].endswith("docker-init")]
        own = below(first, {row[0]: row[1] for row in rows})
        owners = {row[2] for row in rows if row[0] in own}
        assert owners, name
        assert "0" not in owners, table
        assert owners == {uid} or "postgres" in name
        assert all(p.startswith("127.0.0.1:") for p in ports if "->" in p)
    urls = [service["url"] for service in student.json("status")["services"] if service["url"]]
    wanted = {url.removeprefix("http://") for url in urls}
    numbers = {place.rpartition(":")[2] for place in wanted}
    places = {line.split()[3] for line in student.root("ss", "-Hltn").splitlines()}
    assert {place for place in places if place.rpartition(":")[2] in numbers} == wanted


def test_passwords_are_in_no_log_and_no_process_list(student: Student) -> None:
    folder = f"{HOME}/.config/mlops-bootstrap/secrets/mlops-zoomcamp"
    modes = student.root("find", folder, "-type", "f", "-printf", "%m %u\n")
    assert set(modes.splitlines()) == {"600 student"}
    passwords = set(
        re.findall(r"=([0-9a-f]{48})$", student.root("grep", "-r", "", folder), re.MULTILINE)
    )
    assert len(passwords) == 3
    shape = "{{json .Path}} {{json .Args}} {{json .Config.Cmd}} {{json .Config.Labels}}"
    script = f"""
        ids=$(docker ps -q); docker inspect --format '{shape}' $ids
        for id in $ids; do docker logs $id 2>&1; done
        ps axww; journalctl --no-pager; cat {HOME}/.local/state/mlops-bootstrap/*
    """
    seen = student.root("bash", "-c", script)
    assert len(seen) > 10_000
    assert not any(password in seen for password in passwords)


# the engine goes away; data stays


def test_data_outlives_down_and_an_engine_that_was_killed(student: Student) -> None:
    run = student.ok("run", "--", "python", "-W", "ignore", "-c", LOG_RUN).stdout.split()[-1]
    student.ok("down")
    assert student.root("docker", "ps", "--all", "--quiet", "--filter", PROJECT) == ""
    cut = student.begin("up", "--yes", "--plain")
    cut.until("step-note", "services", "Started")
    student.root("systemctl", "kill", "--signal=KILL", "docker.service")
    student.root("systemctl", "stop", "docker.socket", "docker.service")
    ended = cut.done
    assert ended.returncode == 1, ended.stderr
    assert "E-ENGINE-LOST" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    assert "installed, not running" in student.ok("plan").stdout
    student.ok("up", "--yes", "--plain")
    read = student.ok("run", "--", "python", "-W", "ignore", "-c", READ_RUN, run)
    assert read.stdout.split("\n")[-2] == "7.0 kept too"


def test_down_with_volumes_deletes_data(student: Student) -> None:
    student.ok("down", "--volumes", "--yes")
    assert student.root("docker", "volume", "ls", "--quiet", "--filter", PROJECT) == ""
    gone = student.host.run(["ls", f"{HOME}/.config/mlops-bootstrap/secrets/mlops-zoomcamp"],
                            check=False)  # fmt: skip
    assert gone.returncode

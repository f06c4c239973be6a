"""The machine against what a course asks for; programs that ran out of memory; the group docker."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

from bootstrap.host.docker_view import Reach
from bootstrap.host.out_of_memory import Killed, kills, victims
from bootstrap.verify import engine
from bootstrap.verify.areas.tools.engine import judged_group
from bootstrap.verify.areas.tools.machine import judged_kills
from bootstrap.verify.check import Outcome
from tests.unit.verify.subjects import course_with, look, subject_in

OURS, FOREIGN = "a" * 64, "b" * 64
GIB = 1024**3


@pytest.mark.parametrize(
    ("code", "requirements", "outcome", "said"),
    [
        ("tools.disk", {"disk": "1 MiB"}, Outcome.PASSED, "free at /"),
        ("tools.disk", {"disk": "100000 TiB"}, Outcome.FAILED, "free at /"),
        ("tools.memory", {"memory": "100000 GiB"}, Outcome.FAILED, "needs 100000.0 GiB of memory"),
        ("tools.system", {"os": {"nonesuch": ">=1"}}, Outcome.FAILED, "needs nonesuch >=1"),
        ("tools.system", {"glibc": ">=99"}, Outcome.FAILED, "needs glibc >=99"),
    ],
)
def test_requirements(
    code: str, requirements: dict[str, Any], outcome: Outcome, said: str, tmp_path: Path
) -> None:
    course = course_with(tmp_path / "course", requirements=requirements)
    with subject_in(tmp_path, course) as subject:
        found = look(subject, code)
    assert found.outcome is outcome
    assert said in found.found
    assert (outcome is Outcome.PASSED) == (found.remedy == "")


def test_a_disk_that_is_nearly_full_is_a_warning(tmp_path: Path) -> None:
    fullest = min(shutil.disk_usage(folder).free for folder in ("/", tmp_path))
    asked = f"{fullest * 5 // GIB + 1} GiB"  # a fifth is left: more than a tenth, less than three
    course = course_with(tmp_path / "course", requirements={"disk": asked})
    with subject_in(tmp_path, course) as subject:
        found = look(subject, "tools.disk")
    assert found.outcome is Outcome.WARNING
    assert found.remedy.startswith("mlops-bootstrap gc")


LOG = f"""
python invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,task=jupyter-lab,pid=7,uid=1000
Out of memory: Killed process 7 (jupyter-lab) total-vm:207068kB, anon-rss:32128kB, UID:1000
oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),oom_memcg=/lab202/{FOREIGN},task=busybox
Memory cgroup out of memory: Killed process 8 (busybox) total-vm:207068kB, UID:0
oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/system.slice/docker-{OURS}.scope,task=prefect
Memory cgroup out of memory: Killed process 9 (prefect) total-vm:207068kB, UID:1000
oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/user.slice/user-1000.slice,task=python
Memory cgroup out of memory: Killed process 10 (python) total-vm:207068kB, UID:1000
"""


def test_of_other_containers_that_came_to_their_limit_nothing_is_said() -> None:
    assert victims(LOG, [OURS]) == ("jupyter-lab", "prefect", "python")
    assert victims("eth0: link is up\n", []) == ()


def test_the_kernel_counts_what_nobody_can_read() -> None:
    assert kills("nr_free_pages 17\noom_kill 3\nthp_migration 0\n") == 3
    assert kills("nr_free_pages 17\n") == kills("") == 0


@pytest.mark.parametrize(
    ("found", "services", "outcome", "said"),
    [
        (Killed(), [], Outcome.PASSED, "nothing"),
        (Killed((), 0, log_read=False), [], Outcome.PASSED, "nothing"),
        (Killed(("python", "python"), 2), [], Outcome.WARNING, "started: python"),
        (Killed((), 2, log_read=False), [], Outcome.WARNING, "2 programs"),
        (Killed(), ["worker"], Outcome.WARNING, "the service worker"),
    ],
)
def test_what_was_ended_is_a_warning(
    found: Killed, services: list[str], outcome: Outcome, said: str
) -> None:
    finding = judged_kills(found, services)
    assert finding.outcome is outcome
    assert said in finding.found


@pytest.mark.parametrize(
    ("in_file", "in_session", "reach", "outcome", "blocks"),
    [
        (True, True, Reach.ANSWERS, Outcome.PASSED, None),
        (True, True, Reach.NO_SOCKET, Outcome.PASSED, None),
        (True, False, Reach.DENIED, Outcome.WARNING, True),
        (True, False, Reach.ANSWERS, Outcome.WARNING, False),  # by the ACL of `up`
        (False, False, Reach.DENIED, Outcome.FAILED, True),
        (False, False, Reach.ANSWERS, Outcome.FAILED, False),
        (False, True, Reach.ANSWERS, Outcome.FAILED, False),
    ],
)
def test_the_group_in_the_file_and_in_the_session(
    *, in_file: bool, in_session: bool, reach: Reach, outcome: Outcome, blocks: bool | None
) -> None:
    found = judged_group("ann", in_file=in_file, in_session=in_session, reach=reach)
    assert found.outcome is outcome
    assert found.blocks is blocks
    assert ("new login" in found.found) == (outcome is Outcome.WARNING)
    assert ("usermod" in found.remedy) == (outcome is Outcome.FAILED)


def test_an_engine_that_docker_host_names_and_that_is_not_there(tmp_path: Path) -> None:
    with subject_in(tmp_path, runtime="docker", DOCKER_HOST=f"unix://{tmp_path}/no") as subject:
        assert look(subject, "tools.docker-group").outcome is Outcome.SKIPPED
        found = look(subject, "tools.engine")
    assert found.outcome is Outcome.FAILED
    assert "DOCKER_HOST" in found.found
    assert found.remedy.endswith("unset DOCKER_HOST")


def test_an_engine_that_hangs_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PATIENCE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with subject_in(tmp_path, runtime="docker", DOCKER_HOST=address) as subject:
            assert look(subject, "tools.engine").found.endswith("no answer")


def test_git_is_there_or_not(tmp_path: Path) -> None:
    with subject_in(tmp_path) as subject:
        assert look(subject, "tools.git").outcome is Outcome.PASSED
    with subject_in(tmp_path) as subject:
        subject.view.environ = {"PATH": str(tmp_path)}
        found = look(subject, "tools.git")
        # The folders for root's programs count in any case, and hold no git.
        assert found.outcome is Outcome.FAILED
        assert "apt-get install --yes git" in found.remedy

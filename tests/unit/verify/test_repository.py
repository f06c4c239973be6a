"""A student's clone, in every state that students bring it into; nothing in it is changed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bootstrap.verify.areas import repository
from bootstrap.verify.areas.security import credentials
from bootstrap.verify.check import Check, Outcome
from bootstrap.verify.subject import Subject
from tests.unit.verify.subjects import course_with, look, outcomes, paste, subject_in

URL = "https://github.com/DataTalksClub/mlops-zoomcamp.git"
BIG = 51 * 1024 * 1024
FAILED, WARNING, BLOCKED = Outcome.FAILED, Outcome.WARNING, Outcome.BLOCKED


def git(folder: Path, *arguments: str) -> str:
    as_ann = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    done = subprocess.run(
        ["git", *as_ann, "-C", str(folder), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(clone: Path, name: str, text: str = "text\n") -> None:
    (clone / name).parent.mkdir(parents=True, exist_ok=True)
    (clone / name).write_text(text)
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", name)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone as `up` makes it: one commit, on the branch course, without the folder info."""
    made = tmp_path / "home" / "mlops-zoomcamp"
    made.mkdir(parents=True)
    git(made, "init", "--quiet", "--template=", "--initial-branch=course")
    git(made, "remote", "add", "origin", URL)
    commit(made, "01-intro/lesson.md")
    return made


@pytest.fixture
def subject(clone: Path, tmp_path: Path) -> Iterator[Subject]:
    pin = {"commit": git(clone, "rev-parse", "HEAD")}
    course = course_with(tmp_path / "course", repository=pin)
    with subject_in(clone.parent, course) as made:
        yield made


CHECKS: tuple[Check, ...] = (
    *(check for check in repository.CHECKS),
    *(check for check in credentials.CHECKS if check.code == "security.remote"),
)


def found(subject: Subject) -> dict[str, Outcome]:
    """What the checks of the repository find, where they did not pass."""
    again = Subject(
        subject.blueprint, subject.view, subject.host, subject.scratch, subject.cancel
    )  # nothing known yet
    cloned, *rest = CHECKS
    alone = Check(cloned.code, cloned.title, cloned.look)  # git is there
    return outcomes(again, (alone, *rest))


def own_commits(clone: Path) -> None:
    commit(clone, "work.py")
    (clone / "work.py").write_text("changed\n")
    (clone / "new.py").write_text("new\n")


def moved(clone: Path) -> None:
    clone.rename(clone.with_name("elsewhere"))


def no_clone(clone: Path) -> None:
    moved(clone)
    clone.mkdir()
    git(clone.parent, "init", "--quiet")  # a home that is a repository itself is not the clone


def half_an_index(clone: Path) -> None:
    (clone / ".git/index").write_bytes(b"DIRC")


def another_history(clone: Path) -> None:
    git(clone, "checkout", "--quiet", "--orphan", "mine")
    commit(clone, "mine.py")


def another_commit(clone: Path) -> None:
    """The course went on to a commit that this clone does not have."""
    git(clone, "checkout", "--quiet", "--orphan", "mine")
    commit(clone, "mine.py")
    git(clone, "branch", "--quiet", "-D", "course")
    git(clone, "reflog", "expire", "--expire=all", "--all")
    git(clone, "gc", "--quiet", "--prune=now")


def detached(clone: Path) -> None:
    git(clone, "checkout", "--quiet", "--detach")


def diverged(clone: Path) -> None:
    git(clone, "branch", "--quiet", "theirs")
    commit(clone, "mine.py")
    git(clone, "switch", "--quiet", "theirs")
    commit(clone, "theirs.py")
    git(clone, "update-ref", "refs/remotes/origin/main", "theirs")
    git(clone, "switch", "--quiet", "course")
    git(clone, "config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
    git(clone, "branch", "--quiet", "--set-upstream-to=origin/main")


def merge_with_conflicts(clone: Path) -> None:
    git(clone, "switch", "--quiet", "--create", "theirs")
    commit(clone, "01-intro/lesson.md", "theirs\n")
    git(clone, "switch", "--quiet", "course")
    commit(clone, "01-intro/lesson.md", "mine\n")
    with pytest.raises(subprocess.CalledProcessError):
        git(clone, "merge", "theirs")


def stopped_rebase(clone: Path) -> None:
    git(clone, "switch", "--quiet", "--create", "theirs")
    commit(clone, "01-intro/lesson.md", "theirs\n")
    git(clone, "switch", "--quiet", "course")
    commit(clone, "01-intro/lesson.md", "mine\n")
    with pytest.raises(subprocess.CalledProcessError):
        git(clone, "rebase", "theirs")


def left_lock(clone: Path) -> None:
    (clone / ".git/index.lock").touch()


def no_remote(clone: Path) -> None:
    git(clone, "remote", "remove", "origin")


def another_remote(clone: Path) -> None:
    git(clone, "remote", "set-url", "origin", "https://github.com/ann/homework.git")


def token_in_the_remote(clone: Path) -> None:
    address = URL.replace("https://", f"https://ghp_{'x' * 36}@")
    git(clone, "remote", "set-url", "origin", address)


def header(clone: Path) -> None:
    key = "http.https://github.com/.extraheader"
    git(clone, "config", key, "AUTHORIZATION: basic eDp4")


def sparse(file: Path) -> None:
    file.parent.mkdir(exist_ok=True)
    with file.open("wb") as opened:
        opened.truncate(BIG)


def large_file(clone: Path) -> None:
    sparse(clone / "data" / "it's big.bin")


def large_tracked(clone: Path) -> None:
    sparse(clone / "model.bin")
    git(clone, "add", "model.bin")


def runs(clone: Path) -> None:
    (clone / "02/mlruns/0").mkdir(parents=True)
    (clone / "02/mlruns/0/meta.yaml").touch()
    (clone / "02/green.parquet").touch()
    (clone / "02/mlflow.db").touch()
    git(clone, "add", "02/mlflow.db")


CASES: tuple[tuple[Callable[[Path], None], dict[str, Outcome]], ...] = (
    (lambda clone: None, {}),
    (own_commits, {}),
    (detached, {"repository.branch": WARNING}),
    (another_history, {"repository.commit": WARNING}),
    (another_commit, {"repository.commit": FAILED}),
    (diverged, {"repository.upstream": WARNING}),
    (merge_with_conflicts, {"repository.under-way": WARNING}),
    (stopped_rebase, {"repository.under-way": WARNING, "repository.branch": WARNING}),
    (left_lock, {"repository.under-way": WARNING}),
    (no_remote, {"repository.remote": WARNING}),
    (another_remote, {"repository.remote": WARNING}),
    (token_in_the_remote, {"security.remote": FAILED}),
    (header, {"security.remote": FAILED}),
    (large_file, {"repository.large-files": WARNING}),
    (large_tracked, {"repository.large-tracked": WARNING}),
    (runs, {"repository.ignored": WARNING}),
)  # fmt: skip


@pytest.mark.parametrize(("fault", "wanted"), CASES, ids=lambda v: getattr(v, "__name__", ""))
def test_one_fault_at_a_time(
    fault: Callable[[Path], None], wanted: dict[str, Outcome], clone: Path, subject: Subject
) -> None:
    fault(clone)
    assert found(subject) == wanted


@pytest.mark.parametrize("fault", [moved, no_clone, half_an_index])
def test_without_a_clone_all_else_is_blocked(
    fault: Callable[[Path], None], clone: Path, subject: Subject
) -> None:
    fault(clone)
    others = {check.code: BLOCKED for check in CHECKS if check.requires == ("repository.cloned",)}
    assert len(others) == len(CHECKS) - 1
    assert found(subject) == {"repository.cloned": FAILED, **others}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (half_an_index, "repository.cloned"),
        (detached, "repository.branch"),
        (left_lock, "repository.under-way"),
        (another_remote, "repository.remote"),
        (token_in_the_remote, "security.remote"),
        (header, "security.remote"),
        (large_file, "repository.large-files"),
        (large_tracked, "repository.large-tracked"),
        (runs, "repository.ignored"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_remedy_mends_it(
    fault: Callable[[Path], None], code: str, clone: Path, subject: Subject
) -> None:
    fault(clone)
    kept = {p for p in clone.rglob("*") if ".git" not in p.parts}
    remedy = look(subject, code).remedy
    paste(remedy.replace("git -C", "git -c user.name=Ann -c user.email=ann@example.org -C"))
    assert code not in found(subject)
    assert kept <= set(clone.rglob("*"))


def test_a_secret_is_not_shown(clone: Path, subject: Subject) -> None:
    token_in_the_remote(clone)
    seen = look(subject, "security.remote")
    assert "ghp_" not in seen.found + seen.remedy


@pytest.mark.parametrize(
    "fault", [own_commits, merge_with_conflicts, runs, large_tracked, diverged]
)
def test_the_clone_is_byte_for_byte_as_it_was(
    fault: Callable[[Path], None], clone: Path, subject: Subject
) -> None:
    fault(clone)
    (clone / "01-intro/lesson.md").touch()  # `git status` would write the index anew now
    git(clone, "config", "core.fsmonitor", "true")  # and start a daemon that leaves a socket
    git(clone, "config", "core.untrackedCache", "true")

    def content() -> dict[Path, tuple[int, int, bytes]]:
        there = {path: path.lstat() for path in (clone, *clone.rglob("*"))}
        return {
            path: (stat.st_mode, stat.st_mtime_ns, path.read_bytes() if path.is_file() else b"")
            for path, stat in there.items()
        }

    before = content()
    found(subject)
    assert content() == before

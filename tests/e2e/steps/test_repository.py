"""The course repository by the real git from the lab's git host."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from bootstrap.core.errors import BootstrapError, TransientError
from bootstrap.course.load import LoadedCourse
from bootstrap.course.model import Repository
from bootstrap.host.host import Host, this_machine
from bootstrap.sources.source import Source
from bootstrap.steps import git
from bootstrap.steps.repository import CourseRepository
from tests.e2e.steps.conftest import Mirror
from tests.lab import Cut, Fault, Stall, Status
from tests.unit.jobs import RecordedJob

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

PACK = "*/git-upload-pack"


@pytest.fixture
def pinned(course: LoadedCourse) -> Repository:
    return course.course.repository.model_copy(update={"destination": "~/course"})


@pytest.fixture
def step(pinned: Repository, mirror: Mirror, home: Path) -> CourseRepository:
    return CourseRepository(pinned, mirror.source, home)


@pytest.fixture(autouse=True)
def _identity(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".gitconfig").write_text("[user]\nname = Student\nemail = s@example.org\n")
    monkeypatch.setattr(git, "STALL_SECONDS", 1)


def ask(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", folder, *words], capture_output=True, check=True)
    return done.stdout.decode().strip()


def clone(mirror: Mirror, folder: Path, commit: str, url: str) -> None:
    """What a student has: a full clone, here with a branch at some commit."""
    subprocess.run(["git", "clone", "--quiet", mirror.repository, folder], check=True)
    ask(folder, "remote", "set-url", "origin", url)
    ask(folder, "reset", "--quiet", "--hard", commit)


def converge(step: CourseRepository, host: Host) -> RecordedJob:
    job = RecordedJob()
    assert not step.observe(host).satisfied
    step.apply(host, job)
    assert step.observe(host).satisfied, step.observe(host).found
    return job


def everything(folder: Path) -> dict[str, str]:
    """All files that a student could miss, the index too; not git's own packs and logs."""
    apart = (".git/objects", ".git/refs/mlops-bootstrap", ".git/shallow")
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not (name := str(path.relative_to(folder))).startswith(apart)
    }


def new_commit(mirror: Mirror, tmp_path: Path) -> str:
    """Move upstream forward, past what any clone has."""
    work = tmp_path / "upstream-work"
    subprocess.run(["git", "clone", "--quiet", mirror.repository, work], check=True)
    (work / "new.txt").write_text("new")
    ask(work, "add", "--all")
    ask(work, "commit", "--quiet", "--message", "New")
    ask(work, "push", "--quiet", "origin", "HEAD")
    return ask(work, "rev-parse", "HEAD")


@pytest.mark.parametrize("there", ["nothing", "an empty folder", "a link to one"])
def test_a_fresh_clone_is_at_the_pin(
    step: CourseRepository, host: Host, home: Path, pinned: Repository, there: str
) -> None:
    if there == "an empty folder":
        (home / "course").mkdir()
    if there == "a link to one":
        (home / "disk").mkdir()
        (home / "course").symlink_to(home / "disk")
    converge(step, host)
    folder = home / "course"
    assert ask(folder, "rev-parse", "HEAD") == pinned.commit
    assert ask(folder, "branch", "--show-current") == "course"
    assert ask(folder, "remote", "get-url", "origin") == pinned.url
    assert ask(folder, "status", "--porcelain") == ""
    assert folder.is_symlink() == (there == "a link to one")


@pytest.mark.parametrize("there", ["files", "a file", "another clone"])
def test_other_content_is_left_alone(
    step: CourseRepository, host: Host, home: Path, there: str
) -> None:
    folder = home / "course"
    if there == "a file":
        folder.write_text("mine")
    else:
        folder.mkdir()
        (folder / "thesis.txt").write_text("mine")
    if there == "another clone":
        ask(folder, "init", "--quiet")
        ask(folder, "remote", "add", "origin", "https://u:geheim@host.example/mine.git")
    before = everything(folder)
    with pytest.raises(BootstrapError) as caught:
        step.apply(host, RecordedJob())
    assert caught.value.code == "E-REPOSITORY-FOREIGN"
    assert str(folder) in caught.value.where
    assert "geheim" not in str(caught.value)
    assert everything(folder) == before


def test_commits_and_edits_on_top_are_fine(step: CourseRepository, host: Host, home: Path) -> None:
    converge(step, host)
    (home / "course" / "mine.txt").write_text("mine")
    ask(home / "course", "add", "mine.txt")
    ask(home / "course", "commit", "--quiet", "--message", "Mine")
    (home / "course" / "README.md").write_text("edited")
    seen = step.observe(host)
    assert seen.satisfied
    assert "your commits" in seen.found


@pytest.mark.parametrize("kind", ["branch", "detached", "shallow"])
def test_a_clone_without_the_pin_only_gets_it(
    mirror: Mirror, host: Host, home: Path, tmp_path: Path, pinned: Repository, kind: str
) -> None:
    folder = home / "course"
    clone(mirror, folder, f"{pinned.commit}~1", pinned.url)
    if kind == "shallow":
        subprocess.run(["rm", "-rf", folder], check=True)
        address = mirror.repository.as_uri()
        subprocess.run(["git", "clone", "-q", "--depth=1", address, folder], check=True)
        ask(folder, "remote", "set-url", "origin", pinned.url.removesuffix(".git"))
    (folder / "mine.txt").write_text("mine")
    ask(folder, "add", "mine.txt")
    ask(folder, "commit", "--quiet", "--message", "Mine")
    if kind == "detached":
        ask(folder, "checkout", "--quiet", "--detach")
    (folder / "README.md").write_text("edited")
    (folder / "staged.txt").write_text("staged")
    ask(folder, "add", "staged.txt")
    commit = new_commit(mirror, tmp_path)
    step = CourseRepository(pinned.model_copy(update={"commit": commit}), mirror.source, home)
    ask(folder, "status")  # refreshes the index, as any look at it does
    before, refs = everything(folder), ask(folder, "for-each-ref", "refs/heads", "refs/remotes")
    converge(step, host)
    assert everything(folder) == before
    assert ask(folder, "for-each-ref", "refs/heads", "refs/remotes") == refs
    assert "yours" in step.observe(host).found


def test_a_server_without_single_commits_gives_all_branches(
    step: CourseRepository, mirror: Mirror, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("allowAnySHA1InWant", "allowReachableSHA1InWant", "allowTipSHA1InWant"):
        ask(mirror.repository, "config", f"uploadpack.{key}", "false")
    # Version 2 of the protocol gives out any commit whatever these say.
    for name, value in (("COUNT", "1"), ("KEY_0", "protocol.version"), ("VALUE_0", "0")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    job = converge(step, this_machine(os.environ)[1])
    assert any("fetching all branches" in note for note in job.notes)


@pytest.mark.parametrize(
    "fault", [Cut(after=300), Stall(after=300), Status(503)], ids=lambda f: f.name
)
def test_a_bad_day_passes(step: CourseRepository, mirror: Mirror, host: Host, fault: Fault) -> None:
    mirror.front.faults.add(PACK, fault, times=1)
    mirror.front.faults.add("*/info/refs", fault, times=1)
    job = converge(step, host)
    assert any("trying again" in note for note in job.notes)


def test_an_unreachable_host_is_named_without_password(
    pinned: Repository, host: Host, home: Path
) -> None:
    source = Source("http://u:geheim@no-such-mirror.invalid")
    job = RecordedJob()
    with pytest.raises(TransientError) as caught:
        CourseRepository(pinned, source, home).apply(host, job)
    assert caught.value.code == "E-HOST-UNREACHABLE"
    assert "no-such-mirror.invalid" in caught.value.what
    assert "--source" in caught.value.remedy
    assert "geheim" not in f"{caught.value} {job.notes}"
    assert not (home / "course").exists()


def test_a_commit_that_upstream_lacks_is_named(
    mirror: Mirror, pinned: Repository, host: Host, home: Path
) -> None:
    absent = pinned.model_copy(update={"commit": "1" * 40})
    with pytest.raises(BootstrapError) as caught:
        CourseRepository(absent, mirror.source, home).apply(host, RecordedJob())
    assert caught.value.code == "E-REPOSITORY-COMMIT"
    assert "1" * 40 in caught.value.what
    assert caught.value.where.startswith(mirror.front.url)


def test_a_repository_that_is_not_there(
    mirror: Mirror, pinned: Repository, host: Host, home: Path
) -> None:
    wrong = pinned.model_copy(update={"url": "https://github.com/nobody/nothing.git"})
    with pytest.raises(BootstrapError) as caught:
        CourseRepository(wrong, mirror.source, home).apply(host, RecordedJob())
    assert caught.value.code == "E-DOWNLOAD"


def test_settings_of_the_user_do_not_get_in_the_way(
    step: CourseRepository, mirror: Mirror, host: Host, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = home / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "reference-transaction"):
        (hooks / name).write_text("#!/bin/sh\ntouch ~/hook-ran\nexit 1\n")
        (hooks / name).chmod(0o755)
    template = home / "template" / "hooks"
    template.mkdir(parents=True)
    (template / "marker").write_text("")
    (home / ".gitconfig").write_text(
        f"[core]\nhooksPath = {hooks}\n[init]\ntemplateDir = {template.parent}\n"
        f'[url "ssh://git@no-such-host.invalid/"]\ninsteadOf = {mirror.front.url}/\n'
    )
    monkeypatch.setenv("GIT_DIR", str(home / "another.git"))
    job = RecordedJob()
    step.apply(host, job)
    monkeypatch.delenv("GIT_DIR")
    assert step.observe(host).satisfied
    assert not (home / "hook-ran").exists()
    assert not (home / "course" / ".git" / "hooks" / "marker").exists()


def test_without_git_the_package_is_named(
    pinned: Repository, mirror: Mirror, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bare(Host):
        def which(self, program: str) -> Path | None:
            return None

    host = Bare(os.environ, this_machine(os.environ)[1].paths, this_machine(os.environ)[1].engine)
    with pytest.raises(BootstrapError) as caught:
        CourseRepository(pinned, mirror.source, home).apply(host, RecordedJob())
    assert caught.value.code == "E-COMMAND-MISSING"
    assert "apt-get install git" in caught.value.remedy


def test_what_a_killed_clone_left_is_no_obstacle(
    step: CourseRepository, mirror: Mirror, host: Host, home: Path
) -> None:
    beside = home / ".course.mlops-bootstrap"
    ask(home, "init", "--quiet", str(beside))
    (beside / ".git" / "index.lock").write_text("")
    (beside / ".git" / "shallow.lock").write_text("")
    converge(step, host)
    assert not beside.exists()

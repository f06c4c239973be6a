"""The course repository at its pinned commit. What a student made there is never touched."""

from __future__ import annotations

import shutil
from pathlib import Path

from bootstrap.core.errors import BootstrapError, TransientError
from bootstrap.core.retry import retrying
from bootstrap.core.step import Job, Observation, Step
from bootstrap.course.model import Repository
from bootstrap.host.command import Command
from bootstrap.host.host import Host, HostView
from bootstrap.sources.source import Source

BRANCH = "course"
"""The branch a fresh clone is on: a student's first commit must not land on a detached HEAD."""

STALL = ("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=30")
"""git's own stall detection: less than 1 byte/s for 30 s ends the transfer."""

DEADLINE = 1800.0
NETWORK_SIGNS = (
    "could not resolve host", "failed to connect", "connection", "timed out", "timeout",
    "early eof", "rpc failed", "http 5", "error: 5", "error: 429", "too slow", "hung up",
)  # fmt: skip


class CourseRepository(Step[HostView, Host]):
    """A clone whose history holds the pinned commit.

    A fresh clone is built beside and renamed. In a clone that is there the commit is fetched and
    nothing else: no branch moves, nothing is reset or stashed.
    """

    name = "repository"
    title = "Course repository"
    requires = frozenset({"packages"})

    def __init__(self, repository: Repository, source: Source, home: Path) -> None:
        self._repository = repository
        self._address = source.url(repository.url)
        self._folder = repository.folder(home)
        self._commit = repository.commit

    def observe(self, view: HostView) -> Observation:
        wanted = f"{self._commit[:10]} in {self._folder}"
        if not self._folder.exists() or _is_empty(self._folder):
            return Observation(False, "not cloned", wanted)
        if not (self._folder / ".git").exists():
            return Observation(False, "a folder with other content", wanted)
        head = self._ask(view, "rev-parse", "HEAD")
        if head == self._commit:
            return Observation(True, f"at {head[:10]}", wanted)
        if self._ask(view, "cat-file", "-t", self._commit) != "commit":
            return Observation(False, f"at {head[:10] or 'no commit'}", wanted)
        base = self._ask(view, "merge-base", self._commit, "HEAD")
        if base == self._commit:
            return Observation(
                True, f"at {head[:10]}: {self._commit[:10]} and your commits", wanted
            )
        return Observation(True, f"at {head[:10]}, yours; {self._commit[:10]} is fetched", wanted)

    def apply(self, host: Host, job: Job) -> None:
        if not self._folder.exists() or _is_empty(self._folder):
            self._clone(host, job)
            return
        origin = self._ask(host, "config", "--get", "remote.origin.url")
        if not (self._folder / ".git").exists() or origin not in {
            self._repository.url,
            self._address,
        }:
            raise BootstrapError(
                "E-REPOSITORY-FOREIGN",
                f"the folder holds something else, origin {origin or 'none'}; it was left as it is",
                where=str(self._folder),
                remedy="move the folder away, or give another `destination:` in course.yml",
            )
        # No --depth here: it would hide the history below the commit in the student's own clone.
        self._fetch(self._folder, host, job, depth=())

    def _clone(self, host: Host, job: Job) -> None:
        beside = self._folder.with_name(f".{self._folder.name}.mlops-bootstrap")
        if beside.exists():
            shutil.rmtree(beside)  # what a run that was killed left; nobody has worked in it
        beside.parent.mkdir(parents=True, exist_ok=True)
        self._git(host, job, "init", "--quiet", f"--initial-branch={BRANCH}", str(beside))
        # origin is upstream also when a mirror serves the clone: students pull from there.
        at = ("-C", str(beside))
        self._git(host, job, *at, "remote", "add", "origin", self._repository.url)
        self._fetch(beside, host, job, depth=("--depth=1",))
        self._git(host, job, *at, "reset", "--quiet", "--hard", self._commit)
        if self._folder.exists():
            self._folder.rmdir()
        beside.rename(self._folder)

    def _fetch(self, folder: Path, host: Host, job: Job, *, depth: tuple[str, ...]) -> None:
        """Fetch the one commit; where a server gives out only branches, all of them."""
        at = ("-C", str(folder), *STALL, "fetch", "--no-write-fetch-head", "--progress")
        try:
            self._transfer(host, job, *at, *depth, self._address, self._commit)
        except TransientError:
            raise
        except BootstrapError:
            job.note("the server does not give out single commits: fetching all branches")
            every = "+refs/heads/*:refs/remotes/origin/*"
            self._transfer(host, job, *at, "--tags", self._address, every)

    def _transfer(self, host: Host, job: Job, *arguments: str) -> None:
        for attempt in retrying(job):
            with attempt:
                try:
                    self._git(host, job, *arguments)
                except BootstrapError as error:
                    if any(sign in error.what.lower() for sign in NETWORK_SIGNS):
                        raise TransientError(
                            "E-HOST-UNREACHABLE",
                            f"git could not fetch: {error.what.splitlines()[-1]}",
                            where=self._address,
                            remedy="check the network and proxy, or use a mirror: --source URL",
                        ) from error
                    raise

    def _git(self, host: Host, job: Job, *arguments: str) -> None:
        environment = {"GIT_TERMINAL_PROMPT": "0"}
        host.run(Command(("git", *arguments), environment, deadline=DEADLINE), job)

    def _ask(self, view: HostView, *arguments: str) -> str:
        result = view.query("git", "-C", str(self._folder), *arguments)
        return result.output.strip() if result.code == 0 else ""


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and next(folder.iterdir(), None) is None

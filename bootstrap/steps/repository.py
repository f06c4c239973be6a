"""The course repository at its pinned commit. What a student made there is never touched."""

from __future__ import annotations

import shutil
from pathlib import Path

from bootstrap.core.errors import BootstrapError
from bootstrap.core.step import Job, Observation, Step
from bootstrap.core.writing import writing
from bootstrap.course.model import Repository
from bootstrap.host.host import Host, HostView
from bootstrap.sources.source import Source, without_credentials
from bootstrap.steps.git import Git

BRANCH = "course"
"""The branch a fresh clone is on: a student's first commit must not land on a detached HEAD."""

KEPT_AS = "refs/mlops-bootstrap/pinned"
"""What keeps a commit that no branch of the student holds from being collected as garbage."""

EVERYTHING = (
    "+refs/heads/*:refs/remotes/origin/*",
    "+refs/tags/*:refs/mlops-bootstrap/tags/*",  # aside: a student's own tag would refuse ours
)


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
        head = self._ask(view, "rev-parse", "--verify", "--quiet", "HEAD")
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
        git = Git(host, job, self._address)
        if not self._folder.exists() or _is_empty(self._folder):
            self._clone(git)
            return
        self._refuse_foreign(git)
        # No depth here: it would hide the history below the commit in the student's own clone.
        self._fetch(git, self._folder, f"+{self._commit}:{KEPT_AS}")

    def _refuse_foreign(self, git: Git) -> None:
        """Raise unless the folder is a clone of the course's repository."""
        found = "something else"
        if (self._folder / ".git").exists():
            origin = git.ask(self._folder, "config", "--get", "remote.origin.url")
            if _same(origin.output) in {_same(self._repository.url), _same(self._address)}:
                return
            said = origin.output.strip().splitlines() or ["none"]
            # git refuses to read a clone of another user and says how to allow it.
            told = origin.code == 0 or not origin.output
            found = f"a clone, origin {without_credentials(said[0])}" if told else said[0]
        raise BootstrapError(
            "E-REPOSITORY-FOREIGN",
            f"the folder holds {found}; it was left as it is",
            where=str(self._folder),
            remedy="move the folder away, or give another `destination:` in course.yml",
        )

    def _clone(self, git: Git) -> None:
        folder = self._folder.resolve()  # a student may have put a link to another disk there
        beside = folder.with_name(f".{folder.name}.mlops-bootstrap")
        with writing(beside):
            if beside.exists():
                shutil.rmtree(beside)  # what a run that was killed left; nobody has worked in it
            beside.mkdir(parents=True)
        git.inside(beside, "init", "--quiet", "--template=", f"--initial-branch={BRANCH}")
        # origin is upstream also when a mirror serves the clone: students pull from there.
        git.inside(beside, "remote", "add", "origin", self._repository.url)
        self._fetch(git, beside, self._commit, "--depth=1")
        git.inside(beside, "reset", "--quiet", "--hard", self._commit)
        with writing(folder):
            beside.rename(folder)  # also over a folder that is empty, and over no other

    def _fetch(self, git: Git, folder: Path, commit: str, *options: str) -> None:
        """Fetch the one commit; where a server gives out only branches, all of them."""
        try:
            git.fetch(folder, commit, *options)
        except BootstrapError as error:
            if error.code != "E-COMMAND-FAILED":
                raise
            git.job.note("the server does not give out this single commit: fetching all branches")
            git.fetch(folder, *EVERYTHING)
        if git.ask(folder, "cat-file", "-t", self._commit).output.strip() != "commit":
            raise BootstrapError(
                "E-REPOSITORY-COMMIT",
                f"the repository has no commit {self._commit}",
                where=without_credentials(self._address),
                remedy="correct `repository.commit` in course.yml, or update the mirror",
            )

    def _ask(self, view: HostView, *arguments: str) -> str:
        at = (f"--git-dir={self._folder / '.git'}", f"--work-tree={self._folder}")
        result = view.query("git", *at, *arguments)
        return result.output.strip() if result.code == 0 else ""


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and next(folder.iterdir(), None) is None


def _same(url: str) -> str:
    """One spelling for the addresses that name the same repository."""
    return without_credentials(url.strip()).rstrip("/").removesuffix(".git")

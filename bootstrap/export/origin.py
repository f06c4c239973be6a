"""Where this tool is to be had: its repository and a commit."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib import metadata

from bootstrap.core.errors import UsageError

_URL = re.compile(r"(https?|ssh|file)://[^\s'\"@]+(?:@[^\s'\"@]+)?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_PASSWORD = re.compile(r"(https?://[^/]*@|ssh://[^/]*:[^/]*@)")
_DISTRIBUTION = "mlops-bootstrap"


@dataclass(frozen=True, slots=True)
class Origin:
    """A git repository of this tool, and the commit of it in full."""

    url: str
    commit: str

    @classmethod
    def parse(cls, text: str) -> Origin:
        """Read URL@COMMIT, as pip writes it.

        Raises UsageError E-EXPORT-TOOL for what is none, or holds a password.
        """
        url, _, commit = text.removeprefix("git+").rpartition("@")
        if _PASSWORD.match(url):
            raise _refused("the address of the tool holds a password, which everyone could read")
        if not _URL.fullmatch(url) or not _COMMIT.fullmatch(commit):
            raise _refused(f"{text[:200]!r} is not URL@COMMIT with a commit in full")
        return cls(url, commit)

    @classmethod
    def of_installation(cls) -> Origin | None:
        """Where this installation came from, None where it was not made from a git repository."""
        try:
            text = metadata.distribution(_DISTRIBUTION).read_text("direct_url.json")
            found = json.loads(text or "{}")
            return cls.parse(f"{found['url']}@{found['vcs_info']['commit_id']}")
        except (metadata.PackageNotFoundError, ValueError, KeyError, TypeError, UsageError):
            return None


def unknown_origin() -> UsageError:
    """The error for a file that installs the tool, where nobody said from where."""
    return _refused("nothing says where a machine gets mlops-bootstrap from")


def _refused(what: str) -> UsageError:
    return UsageError(
        "E-EXPORT-TOOL",
        what,
        where="--tool",
        remedy="give its repository and a commit in full:"
        " --tool https://example.org/mlops-bootstrap.git@COMMIT",
    )

"""What git says and what remotes are called, read as values."""

from __future__ import annotations

import pytest

from bootstrap.verify.areas.repository.contents import bulky
from bootstrap.verify.areas.repository.state import judged_remotes, place_of
from bootstrap.verify.check import Outcome
from bootstrap.verify.clone import Status, parsed

URL = "https://github.com/DataTalksClub/mlops-zoomcamp.git"


def test_parsed() -> None:
    text = "\0".join(
        (
            "# branch.oid abc", "# branch.head main", "# branch.upstream origin/main",
            "# branch.ab +2 -1", "1 .M N... 100644 100644 100644 a b a file.py",
            "1 A. N... 000000 100644 100644 a b new.py",
            "2 R. N... 100644 100644 100644 a b R100 to.py", "from.py",
            "u UU N... 100644 100644 100644 100644 a b c both.py", "",
        )
    )  # fmt: skip
    assert parsed(text) == Status(
        "abc", "main", "origin/main", 2, 1, ("a file.py", "to.py"), ("new.py",), ("both.py",)
    )
    assert parsed("# branch.oid (initial)\0# branch.head (detached)\0") == Status()


def test_bulky() -> None:
    names = ("02/mlruns/0/meta.yaml", "a.parquet", "b/c.parquet", "x.py", "mlruns.md", "artifacts")
    assert bulky(names) == ("mlruns/", "*.parquet")


@pytest.mark.parametrize(
    ("remotes", "outcome", "said"),
    [
        ({"origin": URL}, Outcome.PASSED, "origin is the course's own"),
        ({"up": "git@github.com:datatalksclub/mlops-zoomcamp"}, Outcome.PASSED, "up is"),
        ({"origin": "ssh://git@github.com/ann/mlops-zoomcamp.git"}, Outcome.PASSED, "fork ann/"),
        ({"origin": "https://x.org/DataTalksClub/mlops-zoomcamp"}, Outcome.WARNING, "not the"),
        ({"origin": "https://u:secret@x.org/y"}, Outcome.WARNING, "origin https://x.org/y"),
        ({}, Outcome.WARNING, "no remote"),
    ],
)
def test_remotes(remotes: dict[str, str], outcome: Outcome, said: str) -> None:
    finding = judged_remotes(remotes, URL, "git")
    assert finding.outcome is outcome
    assert said in finding.found


def test_place_of() -> None:
    assert place_of("file:///srv/git/x.git") == ("", "srv/git/x")
    assert place_of("ann@host:Owner/Name.git") == place_of("https://host/owner/name/")

"""The bundle as a file: what is in it, in which form, and what never is."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import pytest

from bootstrap.core.errors import BootstrapError
from bootstrap.report.redact import Redactor
from bootstrap.support import bundle
from bootstrap.support.hide import hidden, hiding
from bootstrap.support.part import Part

MOMENT = 1_750_000_000.5
PASSWORD = "hunter2/§"
ENVIRON = {"https_proxy": "http://bob:pr0xypass@proxy.example.org:3128"}
REDACTOR = Redactor(
    user="josé", home="/home/josé", hostname="josés-vm", environ=ENVIRON, kept=("mlops-zoomcamp",)
)
HIDE = hiding([PASSWORD], REDACTOR.text)
SECRETS = (
    PASSWORD, "hunter2%2F%C2%A7", "josé", "jos\\u00e9", "bob", "pr0xypass", "proxy.example.org",
    "s3cret-token", "10.1.2.3", "2001:db8::7",
)  # fmt: skip
TEXTS = (
    f"password is {PASSWORD}, or hunter2%2F%C2%A7",
    "\x1b[32mhun\x1b[1mter2/§\x1b[0m in colours",
    "/home/josé/mlops-zoomcamp on josés-vm",
    "via http://bob:pr0xypass@proxy.example.org:3128",
    "GET https://s3cret-token@mirror/x from 10.1.2.3 and 2001:db8::7, 127.0.0.1 stays",
)


def parts(*names: str) -> tuple[Part, ...]:
    return tuple(Part(name, f"what {name} is", lambda _: None) for name in names)


def made(found: dict[str, Any]) -> dict[str, str]:
    members = bundle.files(parts(*found), found, HIDE, MOMENT)
    return {name: content.decode() for name, content in members.items()}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a.txt", "\n".join(TEXTS)),
        ("logs/a.log", "\n".join(TEXTS)),
        ("a.json", {"deep": [{"in": TEXTS}], **dict.fromkeys(TEXTS, 1)}),
        ("a.jsonl", [{"text": text} for text in TEXTS] + list(TEXTS)),
        ("a.json", BootstrapError("E-X", TEXTS[0], where=TEXTS[2], remedy=TEXTS[3])),
        ("a.txt", BootstrapError("E-X", TEXTS[4], where=TEXTS[2], remedy=TEXTS[3])),
    ],
)
def test_nothing_private_is_in_any_file(name: str, value: Any) -> None:
    written = made({name: value})
    for member, text in written.items():
        assert not [secret for secret in SECRETS if secret in text], (member, text)
    assert "mlops-zoomcamp" in written[name] or "E-X" in written[name]


def test_a_text_under_a_key_that_says_secret_is_hidden() -> None:
    shown = hidden({"PGPASSWORD": "plain", "password": {"of": "x"}, "n": 1}, HIDE)
    assert shown == {"PGPASSWORD": "<hidden>", "password": {"of": "x"}, "n": 1}


def test_a_part_that_could_not_be_had_is_a_file_that_says_why() -> None:
    error = BootstrapError("E-NOT-UP", "nothing was installed yet", remedy="run up")
    found = {"a.json": error, "b.jsonl": error, "c.log": error, "d.txt": "well"}
    written = made(found)
    assert list(written) == ["contents.json", *found]
    assert json.loads(written["a.json"])["code"] == "E-NOT-UP"
    assert json.loads(written["b.jsonl"])["remedy"] == "run up"
    assert written["c.log"].startswith("E-NOT-UP  nothing was installed yet\n")
    listed = json.loads(written["contents.json"])
    assert listed["kind"] == "support-bundle"
    assert listed["made"] == "2025-06-15T15:06:40+00:00"
    assert listed["files"][0] == {
        "name": "a.json",
        "what": "what a.json is",
        "there": False,
        "code": "E-NOT-UP",
        "why": "nothing was installed yet",
    }
    assert listed["files"][3]["there"]
    missing = bundle.missing(parts(*found), found)
    assert list(missing) == ["a.json", "b.jsonl", "c.log"]


def test_a_long_line_is_cut_after_it_was_hidden() -> None:
    fill = "x" * (bundle.LINE - 4)
    written = made({"a.log": f"{fill} {PASSWORD}\nshort"})
    first, second = written["a.log"].splitlines()
    assert (len(first), second) == (bundle.LINE, "short")
    assert "hun" not in first


def test_the_archive_names_nobody_and_is_the_same_each_time() -> None:
    members = {"contents.json": b"{}\n", "logs/a.log": "é\n".encode()}
    packed = bundle.archive(members, MOMENT)
    assert packed == bundle.archive(members, MOMENT)
    assert packed[3] == 0, "the gzip header holds no name of a file (RFC 1952)"
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        entries = tar.getmembers()
        assert [e.name for e in entries] == [f"{bundle.FOLDER}/{name}" for name in members]
        assert {(e.uid, e.gid, e.uname, e.gname, e.mode, e.mtime) for e in entries} == {
            (0, 0, "", "", 0o600, int(MOMENT))
        }
        content = tar.extractfile(entries[1])
        assert content
        assert content.read() == "é\n".encode()

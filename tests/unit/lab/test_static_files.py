"""Ranges, conditions and paths, asked over HTTP as clients ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.lab.faults import Status
from tests.lab.server import Front
from tests.unit.lab.fronts import running

CONTENT = bytes(range(256)) * 40
SIZE = len(CONTENT)


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    root = tmp_path / "root"
    (root / "host" / "folder").mkdir(parents=True)
    (root / "host" / "folder" / "file.bin").write_bytes(CONTENT)
    (root / "host" / "empty").touch()
    (tmp_path / "secret").write_text("not served")
    with running(root) as server:
        yield server


@pytest.fixture
def url(front: Front) -> str:
    return f"{front.url}/host/folder/file.bin"


def test_a_file_comes_whole_with_its_length(url: str) -> None:
    answer = requests.get(url, timeout=5)
    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["Content-Length"] == str(SIZE)
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=100-", 100, SIZE - 1),
        ("bytes=-5", SIZE - 5, SIZE - 1),
        ("bytes=0-999999", 0, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        (f"bytes=-{SIZE * 2}", 0, SIZE - 1),
    ],
)
def test_a_range_comes_alone(url: str, wanted: str, start: int, end: int) -> None:
    answer = requests.get(url, headers={"Range": wanted}, timeout=5)
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{end}/{SIZE}"
    assert answer.content == CONTENT[start : end + 1]


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", "bytes=9-3"])
def test_a_range_that_is_not_there_is_refused(url: str, wanted: str) -> None:
    answer = requests.get(url, headers={"Range": wanted}, timeout=5)
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("wanted", ["bytes=0-1,5-6", "lines=1-2", "bytes=-"])
def test_a_range_that_is_not_understood_gives_everything(url: str, wanted: str) -> None:
    answer = requests.get(url, headers={"Range": wanted}, timeout=5)
    assert (answer.status_code, answer.content) == (200, CONTENT)


def test_a_range_of_another_version_gives_everything(url: str) -> None:
    etag = requests.head(url, timeout=5).headers["ETag"]
    same = requests.get(url, headers={"Range": "bytes=5-", "If-Range": etag}, timeout=5)
    other = requests.get(url, headers={"Range": "bytes=5-", "If-Range": '"x"'}, timeout=5)
    assert (same.status_code, other.status_code) == (206, 200)


def test_a_known_version_is_not_sent_again(front: Front, url: str) -> None:
    etag = requests.head(url, timeout=5).headers["ETag"]
    front.requests.clear()
    assert requests.get(url, headers={"If-None-Match": etag}, timeout=5).status_code == 304
    assert front.requests.bytes_of() == 0


def test_head_has_the_headers_alone(front: Front, url: str) -> None:
    answer = requests.head(url, timeout=5)
    assert answer.headers["Content-Length"] == str(SIZE)
    assert answer.content == b""
    assert front.requests.bytes_of() == 0


def test_an_empty_file_is_an_answer(front: Front) -> None:
    answer = requests.get(f"{front.url}/host/empty", timeout=5)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "path", ["/host/none", "/host/folder", "/", "/host/%2e%2e/%2e%2e/secret", "/host/a%00b"]
)
def test_what_is_not_there_is_not_found(front: Front, path: str) -> None:
    assert requests.get(front.url + path, timeout=5).status_code == 404


def test_one_connection_carries_many_requests(front: Front, url: str) -> None:
    front.faults.add("*", Status(503))
    with requests.Session() as session:
        answers = [session.get(url, timeout=5).status_code for _ in range(3)]
        answers.append(session.post(url, data=b"x" * 100_000, timeout=5).status_code)
        answers.append(session.get(url, timeout=5).status_code)
    assert answers == [503, 200, 200, 404, 200]

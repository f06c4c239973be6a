"""Each fault as a client meets it, and the log that proves what was asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.lab.faults import (
    Cut,
    CutUpload,
    Fault,
    Faults,
    Flip,
    Lost,
    Slow,
    Stall,
    Status,
    fault_from,
)
from tests.lab.server import Front
from tests.unit.lab.fronts import running

CONTENT = b"0123456789" * 100_000


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    (tmp_path / "a.conda").write_bytes(CONTENT)
    (tmp_path / "b.conda").write_bytes(CONTENT)
    with running(tmp_path) as server:
        yield server


def read(url: str, timeout: float = 5) -> bytes:
    """Read what arrives until the connection ends, whether that is all or not."""
    got = bytearray()
    try:
        with requests.get(url, stream=True, timeout=timeout) as answer:
            for piece in answer.iter_content(4096):
                got += piece
    except requests.RequestException:
        pass
    return bytes(got)


@pytest.mark.parametrize("after", [0, 1, 4096, 262_144, 262_145, len(CONTENT) - 1])
def test_cut_sends_so_many_bytes_and_closes(front: Front, after: int) -> None:
    front.faults.add("*/a.conda", Cut(after=after))
    with pytest.raises(requests.RequestException):
        requests.get(f"{front.url}/a.conda", timeout=5)
    assert front.requests.bytes_of("/a.conda") == after
    assert read(f"{front.url}/a.conda") == CONTENT


def test_a_cut_download_resumes_where_it_ended(front: Front) -> None:
    front.faults.add("*", Cut(after=300_000))
    first = read(f"{front.url}/a.conda")
    rest = requests.get(
        f"{front.url}/a.conda", headers={"Range": f"bytes={len(first)}-"}, timeout=5
    )
    assert first + rest.content == CONTENT
    assert front.requests.bytes_of("/a.conda") == 300_000 + len(rest.content)


def test_stall_keeps_the_connection_open(front: Front) -> None:
    front.faults.add("*", Stall(after=1000))
    start = time.monotonic()
    with pytest.raises(requests.RequestException):
        requests.get(f"{front.url}/a.conda", timeout=0.3)
    assert time.monotonic() - start >= 0.3


def test_a_stalled_answer_ends_with_the_server(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(CONTENT)
    start = time.monotonic()
    with running(tmp_path) as front:
        front.faults.add("*", Stall(after=1))
        with requests.get(f"{front.url}/a", stream=True, timeout=5):
            pass
    assert time.monotonic() - start < 3


def test_flip_changes_one_byte(front: Front) -> None:
    front.faults.add("*", Flip(at=300_000))
    got = read(f"{front.url}/a.conda")
    assert len(got) == len(CONTENT)
    assert [place for place in range(len(got)) if got[place] != CONTENT[place]] == [300_000]


def test_slow_takes_its_time(front: Front, tmp_path: Path) -> None:
    (tmp_path / "small").write_bytes(b"x" * 3000)
    front.faults.add("/small", Slow(rate=10_000))
    start = time.monotonic()
    assert read(f"{front.url}/small") == b"x" * 3000
    assert 0.25 < time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("fault", "code", "retry_after"),
    [(Status(500), 500, None), (Status(404), 404, None), (Status(429, retry_after=7), 429, "7")],
)
def test_status_answers_instead(
    front: Front, fault: Fault, code: int, retry_after: str | None
) -> None:
    front.faults.add("*", fault)
    answer = requests.get(f"{front.url}/a.conda", timeout=5)
    assert answer.status_code == code
    assert answer.headers.get("Retry-After") == retry_after


def test_a_fault_meets_its_path_so_many_times(front: Front) -> None:
    front.faults.add("*/a.*", Status(500), times=2)
    codes = [requests.get(f"{front.url}/{name}.conda", timeout=5).status_code for name in "baaa"]
    assert codes == [200, 500, 500, 200]


def test_without_a_number_it_meets_all_until_cleared(front: Front) -> None:
    front.faults.add("*", Status(503), times=None)
    codes = [requests.get(f"{front.url}/a.conda", timeout=5).status_code for _ in range(3)]
    front.faults.clear()
    assert codes == [503, 503, 503]
    assert read(f"{front.url}/a.conda") == CONTENT


def test_head_uses_up_no_fault_of_a_body() -> None:
    faults = Faults()
    faults.add("*", Cut(after=1))
    assert faults.take("HEAD", "/a") is None
    assert faults.take("GET", "/a") == Cut(after=1)
    assert faults.take("GET", "/a") is None


def test_other_processes_set_faults_over_http(front: Front) -> None:
    control = f"{front.url}/_lab/faults"
    rule = {"path": "*/a.conda", "fault": "cut", "after": 10, "times": 2, "method": "GET"}
    assert requests.post(control, json=rule, timeout=5).status_code == 200
    assert requests.get(control, timeout=5).json() == [rule]
    assert len(read(f"{front.url}/a.conda")) <= 10
    requests.delete(control, timeout=5)
    assert read(f"{front.url}/a.conda") == CONTENT


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "cut"},
        {"path": "*", "fault": "melt"},
        {"path": "*", "fault": "cut", "before": 3},
        {"path": "*"},
    ],
)
def test_a_fault_that_does_not_exist_is_refused(front: Front, rule: dict[str, object]) -> None:
    answer = requests.post(f"{front.url}/_lab/faults", json=rule, timeout=5)
    assert answer.status_code == 400
    assert front.faults.pending() == []


def test_the_log_tells_what_was_asked(front: Front) -> None:
    requests.get(f"{front.url}/a.conda?x=1", headers={"Range": "bytes=5-9"}, timeout=5)
    requests.get(f"{front.url}/none", timeout=5)
    seen = requests.get(f"{front.url}/_lab/requests", timeout=5).json()
    assert seen[0] == {
        "method": "GET",
        "path": "/a.conda",
        "range": "bytes=5-9",
        "status": 206,
        "bytes": 5,
    }
    assert [entry["status"] for entry in seen] == [206, 404]
    assert len(front.requests.matching("*.conda", "GET")) == 1
    requests.delete(f"{front.url}/_lab/requests", timeout=5)
    assert len(front.requests) == 0


def test_a_fault_survives_its_json_form() -> None:
    for fault in (
        Cut(3), Stall(4), Flip(5), Slow(6), Status(429, 7), CutUpload(8, kept=True), Lost(),
    ):  # fmt: skip
        faults = Faults()
        faults.add("*", fault, times=3, method="P*")
        (written,) = faults.pending()
        rule = [written.pop(key) for key in ("path", "times", "method")]
        assert rule == ["*", 3, "P*"]
        assert fault_from(written) == fault

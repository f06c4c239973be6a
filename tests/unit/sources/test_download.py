"""A download against a real server that does what servers do on a bad day."""

from __future__ import annotations

import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bootstrap.core.errors import BootstrapError, Interrupted, TransientError
from bootstrap.sources.download import fetch
from tests.lab.faults import Cut, Flip, Slow, Stall, Status
from tests.unit.jobs import RecordedJob
from tests.unit.sources.conftest import SIZE, Served

ROOT = Path(__file__).parents[3]


def bring(served: Served, job: RecordedJob) -> None:
    fetch(served.url, served.target, served.sha256, job)


def is_whole(served: Served) -> bool:
    return served.target.read_bytes() == served.content and not served.part.exists()


def test_a_file_arrives_with_its_mode_and_progress(served: Served, job: RecordedJob) -> None:
    fetch(served.url, served.target, served.sha256, job, mode=0o755)
    assert is_whole(served)
    assert served.target.stat().st_mode & 0o777 == 0o755
    last = job.progresses[-1]
    assert (last.what, last.done, last.total, last.unit) == ("tool.bin", SIZE, SIZE, "bytes")


def test_a_cut_download_goes_on_at_its_byte(served: Served, job: RecordedJob) -> None:
    served.front.faults.add("/tool.bin", Cut(after=1_000_000))
    bring(served, job)
    assert is_whole(served)
    assert served.asked == [(200, None), (206, "bytes=1000000-")]
    assert served.front.requests.bytes_of() == SIZE
    assert "broke off" in job.notes[0]


def test_cuts_do_not_use_up_the_tries_while_bytes_come(served: Served, job: RecordedJob) -> None:
    served.front.faults.add("/tool.bin", Cut(after=300_000), times=9)
    bring(served, job)
    assert is_whole(served)
    assert served.front.requests.bytes_of() == SIZE


def test_a_stall_is_noticed_and_resumed(served: Served, job: RecordedJob) -> None:
    served.front.faults.add("/tool.bin", Stall(after=1_000_000))
    bring(served, job)
    assert is_whole(served)
    assert served.asked == [(200, None), (206, "bytes=1000000-")]
    assert "no byte came from 127.0.0.1" in job.notes[0]


def test_a_busy_server_is_asked_again(served: Served, job: RecordedJob) -> None:
    served.front.faults.add("/tool.bin", Status(500), times=2)
    bring(served, job)
    assert [status for status, _ in served.asked] == [500, 500, 200]
    assert is_whole(served)


def test_retry_after_is_honoured(served: Served, job: RecordedJob) -> None:
    served.front.faults.add("/tool.bin", Status(429, retry_after=1))
    start = time.monotonic()
    bring(served, job)
    assert time.monotonic() - start >= 1  # what the server asked for; our own wait is 0.02 s
    assert "trying again in 1.0 s" in job.notes[0]


def test_a_server_that_wants_too_much_patience_is_given_up_on(
    served: Served, job: RecordedJob
) -> None:
    served.front.faults.add("/tool.bin", Status(503, retry_after=86_400), times=None)
    with pytest.raises(TransientError) as caught:
        bring(served, job)
    assert caught.value.code == "E-DOWNLOAD"
    assert len(served.asked) == 1


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_is_not_retried(served: Served, job: RecordedJob, status: int) -> None:
    served.front.faults.add("/tool.bin", Status(status), times=None)
    with pytest.raises(BootstrapError) as caught:
        bring(served, job)
    assert caught.value.code == "E-DOWNLOAD"
    assert not isinstance(caught.value, TransientError)
    assert str(status) in caught.value.what
    assert "--source" in caught.value.remedy
    assert len(served.asked) == 1


def test_other_content_is_refused_and_leaves_nothing(served: Served, job: RecordedJob) -> None:
    served.front.faults.add("/tool.bin", Flip(at=2_000_000), times=None)
    with pytest.raises(BootstrapError) as caught:
        bring(served, job)
    error = caught.value
    assert error.code == "E-DIGEST"
    assert served.sha256 in error.what
    assert "tool.bin" in error.what
    assert error.what.count("sha256") == 1
    assert len([word for word in error.what.replace(",", "").split() if len(word) == 64]) == 2
    assert error.where == served.url
    assert len(served.asked) == 1
    assert list(served.target.parent.iterdir()) == []


def test_other_content_never_replaces_what_is_there(served: Served, job: RecordedJob) -> None:
    served.target.parent.mkdir()
    served.target.write_text("the one before")
    served.front.faults.add("/tool.bin", Flip(at=1))
    with pytest.raises(BootstrapError, match="E-DIGEST"):
        bring(served, job)
    assert served.target.read_text() == "the one before"


@pytest.mark.parametrize("size", [1_000_000, SIZE, SIZE + 10])
def test_a_spoilt_part_is_not_held_against_the_server(
    served: Served, job: RecordedJob, size: int
) -> None:
    served.part.parent.mkdir()
    served.part.write_bytes(b"\0" * size)
    bring(served, job)
    assert is_whole(served)
    assert "starting over" in job.notes[0]


def test_a_whole_part_is_not_fetched_again(served: Served, job: RecordedJob) -> None:
    served.part.parent.mkdir()
    served.part.write_bytes(served.content)
    bring(served, job)
    assert is_whole(served)
    assert served.front.requests.bytes_of() == 0


class WithoutRanges(BaseHTTPRequestHandler):
    """Sends all of it whatever is asked; the first answer ends early."""

    content = b""
    answers = 0

    def do_GET(self) -> None:
        kind = type(self)
        kind.answers += 1
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content[: 1000 if kind.answers == 1 else None])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
        pass


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_server_without_ranges_sends_all_again(served: Served, job: RecordedJob) -> None:
    handler = type("Handler", (WithoutRanges,), {"content": served.content})
    with serving(handler) as url:
        fetch(f"{url}/tool.bin", served.target, served.sha256, job)
    assert is_whole(served)


def test_redirects_are_followed(served: Served, job: RecordedJob) -> None:
    class Elsewhere(WithoutRanges):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", served.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with serving(Elsewhere) as url:
        fetch(f"{url}/latest", served.target, served.sha256, job)
    assert is_whole(served)


def test_a_circle_of_redirects_is_an_error(served: Served, job: RecordedJob) -> None:
    class Circle(WithoutRanges):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", "/tool.bin")
            self.send_header("Content-Length", "0")
            self.end_headers()

    with serving(Circle) as url, pytest.raises(BootstrapError, match="circles") as caught:
        fetch(f"{url}/tool.bin", served.target, served.sha256, job)
    assert caught.value.code == "E-DOWNLOAD"


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(
    "host", [f"127.0.0.1:{closed_port()}", "no-such-host.invalid"], ids=["closed port", "no name"]
)
def test_an_unreachable_host_is_named(served: Served, job: RecordedJob, host: str) -> None:
    with pytest.raises(TransientError) as caught:
        fetch(f"http://{host}/tool.bin", served.target, served.sha256, job)
    assert caught.value.code == "E-HOST-UNREACHABLE"
    assert host in caught.value.what
    assert "--source" in caught.value.remedy


def test_a_host_that_never_answers_is_unreachable(served: Served, job: RecordedJob) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as silent:
        url = f"http://127.0.0.1:{silent.server_address[1]}/tool.bin"
        with pytest.raises(TransientError, match="E-HOST-UNREACHABLE"):
            fetch(url, served.target, served.sha256, job)


def test_a_proxy_of_the_environment_is_used(
    served: Served, job: RecordedJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    class Proxy(WithoutRanges):
        content = served.content
        answers = 1

        def do_GET(self) -> None:
            seen.append(self.path)
            super().do_GET()

    with serving(Proxy) as url:
        monkeypatch.setenv("HTTP_PROXY", url)
        monkeypatch.setenv("http_proxy", url)
        fetch("http://upstream.invalid/tool.bin", served.target, served.sha256, job)
    assert seen == ["http://upstream.invalid/tool.bin"]
    assert is_whole(served)


def test_a_dead_proxy_is_said_to_be_the_proxy(
    served: Served, job: RecordedJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://u:geheim@127.0.0.1:{closed_port()}")
    with pytest.raises(TransientError, match="through the proxy") as caught:
        fetch("http://upstream.invalid/tool.bin", served.target, served.sha256, job)
    assert "geheim" not in f"{caught.value} {caught.value.remedy} {job.notes}"


@pytest.mark.parametrize(
    "fault", [Cut(after=0), Status(500), Status(404), Flip(at=1), Stall(after=10)]
)
def test_credentials_are_never_shown(
    served: Served, job: RecordedJob, fault: Cut | Status | Flip | Stall
) -> None:
    served.front.faults.add("/tool.bin", fault, times=None)
    url = served.url.replace("//", "//student:geheim@")
    with pytest.raises(BootstrapError) as caught:
        fetch(url, served.target, served.sha256, job)
    shown = f"{caught.value} {caught.value.remedy} {job.notes}"
    assert "geheim" not in shown
    assert "student" not in shown


FETCH = """
import sys
from pathlib import Path
from bootstrap.core.cancel import Cancel
from bootstrap.core.step import Job
from bootstrap.sources.download import fetch

url, target, sha256 = sys.argv[1:]
fetch(url, Path(target), sha256, Job("step", lambda event: None, Cancel()))
"""


def test_a_part_left_by_a_killed_process_is_continued(served: Served, job: RecordedJob) -> None:
    served.front.faults.add("/tool.bin", Slow(rate=1_000_000))
    words = [sys.executable, "-c", FETCH, served.url, str(served.target), served.sha256]
    with subprocess.Popen(words, cwd=ROOT) as process:
        wait_for_bytes(served.part, 300_000)
        os.kill(process.pid, signal.SIGKILL)
    have = served.part.stat().st_size
    served.front.requests.clear()
    bring(served, job)
    assert is_whole(served)
    assert served.asked == [(206, f"bytes={have}-")]
    assert served.front.requests.bytes_of() == SIZE - have


def wait_for_bytes(part: Path, count: int) -> None:
    for _ in range(1000):
        if part.exists() and part.stat().st_size >= count:
            return
        time.sleep(0.02)
    raise AssertionError("no bytes came")


@pytest.mark.parametrize("fault", [Slow(rate=500_000), Stall(after=400_000)])
def test_a_cancelled_download_ends_at_once_and_goes_on_later(
    served: Served, job: RecordedJob, monkeypatch: pytest.MonkeyPatch, fault: Slow | Stall
) -> None:
    monkeypatch.setattr("bootstrap.sources.http.STALL_TIMEOUT", 5.0)
    served.front.faults.add("/tool.bin", fault)
    cancelled: list[float] = []

    def cancel() -> None:
        wait_for_bytes(served.part, 200_000)
        cancelled.append(time.monotonic())
        job.cancel.request()

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(Interrupted):
        bring(served, job)
    assert time.monotonic() - cancelled[0] < 1  # promised to a person who presses Ctrl-C
    thread.join()
    have = served.part.stat().st_size
    assert have >= 200_000
    served.front.faults.clear()
    served.front.requests.clear()
    bring(served, RecordedJob())
    assert is_whole(served)
    assert served.front.requests.bytes_of() <= SIZE - have


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=1777", "none", str(disk)]
    subprocess.run([*sudo, *mount], check=True)
    yield disk
    subprocess.run([*sudo, "umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_is_said_and_nothing_is_lost(
    served: Served, job: RecordedJob, tiny_disk: Path
) -> None:
    target = tiny_disk / "tool.bin"
    target.write_text("the one before")
    with pytest.raises(BootstrapError) as caught:
        fetch(served.url, target, served.sha256, job)
    assert caught.value.code == "E-DISK-FULL"
    assert str(tiny_disk) in caught.value.where
    assert "make room" in caught.value.remedy
    assert target.read_text() == "the one before"
    assert len(served.asked) == 1
    (part,) = tiny_disk.glob(".*.part")
    assert part.read_bytes() == served.content[: part.stat().st_size]


def test_a_folder_in_the_way_is_a_coded_error(served: Served, job: RecordedJob) -> None:
    (served.target / "something").mkdir(parents=True)
    with pytest.raises(BootstrapError) as caught:
        bring(served, job)
    assert caught.value.code == "E-WRITE"
    assert (served.target / "something").is_dir()


def test_an_address_that_is_none_is_an_error(served: Served, job: RecordedJob) -> None:
    with pytest.raises(BootstrapError) as caught:
        fetch("http://[half/tool.bin", served.target, served.sha256, job)
    assert caught.value.code == "E-DOWNLOAD"

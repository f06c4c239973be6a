from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError
from bootstrap.core.events import Event, StepNote
from bootstrap.core.step import Job
from bootstrap.host import apt
from tests.unit.host.test_apt_locks import held

FAKE = """\
#!/bin/sh
echo "${0##*/} $1" >> "$APT_LAB/calls"
for answer in "$APT_LAB/answers/${0##*/}".*; do
  [ -e "$answer" ] || exit 0
  case "$answer" in *.keep) ;; *) mv "$answer" "$APT_LAB/done" ; answer="$APT_LAB/done" ;; esac
  . "$answer"
  exit 0
done
"""
KNOWN = "echo 'sl:'; echo '  Installed: (none)'; echo '  Candidate: 5.02'"
DONE = "echo '0 upgraded, 1 newly installed, 0 to remove'; echo 'Setting up sl (5.02) ...'"


class FakeApt:
    """Programs on PATH that answer from a script, one answer a call, and keep what was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "answers").mkdir(parents=True)
        for name in ("apt-get", "apt-cache", "dpkg", "dpkg-query", "sudo"):
            (folder / name).write_text(FAKE)
            (folder / name).chmod(0o755)
        self.answers("dpkg-query", keep="exit 1")

    def answers(self, program: str, *scripts: str, keep: str = "") -> None:
        for number, script in enumerate(scripts):
            (self.folder / "answers" / f"{program}.{number}").write_text(script)
        if keep:
            (self.folder / "answers" / f"{program}.keep").write_text(keep)

    def calls(self, program: str) -> list[str]:
        lines = (self.folder / "calls").read_text().splitlines()
        return [line.split()[1] for line in lines if line.split()[0] == program]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeApt:
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("APT_LAB", str(folder))
    monkeypatch.setattr(apt, "_lists_outdated", lambda: False)
    monkeypatch.setattr("bootstrap.host.apt.holder_of_locks", lambda: None)
    return FakeApt(folder)


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def job(events: list[Event]) -> Job:
    return Job("packages", events.append, Cancel())


def notes(events: list[Event]) -> str:
    return "\n".join(event.text for event in events if isinstance(event, StepNote))


@pytest.mark.parametrize(
    ("listing", "names"),
    [
        ("git\tii \t\n", {"git"}),
        ("git\thi \t\n", {"git"}),
        ("mawk\tii \tawk, posix-awk (= 1.3)\n", {"mawk", "awk", "posix-awk"}),
        ("git\trc \t\nsl\tun \t\nhalf\tiU \t\n", set()),
        ("dpkg-query: no packages found matching sl\n", set()),
    ],
)
def test_what_counts_as_installed(listing: str, names: set[str]) -> None:
    assert apt.installed(listing) == names


@pytest.mark.parametrize(
    ("policy", "names"),
    [
        ("git:\n  Installed: 1\n  Candidate: 2\n  Version table:\n     2 500\n", {"git"}),
        ("sl:\n  Installed: (none)\n  Candidate: (none)\ngit:\n  Candidate: 2\n", {"git"}),
        ("", set()),
    ],
)
def test_what_the_lists_offer(policy: str, names: set[str]) -> None:
    assert apt.candidates(policy) == names


def test_lists_are_outdated_when_empty_or_old(tmp_path: Path) -> None:
    now = time.time()
    assert apt._lists_outdated(now, tmp_path)
    (tmp_path / "partial").mkdir()
    assert apt._lists_outdated(now, tmp_path)
    (tmp_path / "deb.example_dists_stable_main_binary-amd64_Packages.lz4").touch()
    assert not apt._lists_outdated(now, tmp_path)
    assert apt._lists_outdated(now + 25 * 3600, tmp_path)


def test_installing_counts_packages_and_updates_nothing_when_it_need_not(
    fake: FakeApt, job: Job, events: list[Event]
) -> None:
    fake.answers("apt-cache", keep=KNOWN)
    fake.answers("apt-get", DONE)
    apt.install(("sl",), job)
    assert fake.calls("apt-get") == ["install"]
    assert [e.what for e in events if not isinstance(e, StepNote)] == ["setting up sl"]  # type: ignore[attr-defined]


def test_nothing_missing_runs_nothing(fake: FakeApt, job: Job) -> None:
    fake.answers("dpkg-query", "printf 'sl\\tii \\t\\n'")
    apt.install(("sl",), job)
    assert (fake.folder / "calls").read_text().count("\n") == 1


def test_unknown_packages_update_the_lists_first(fake: FakeApt, job: Job) -> None:
    fake.answers("apt-cache", "true", keep=KNOWN)
    apt.install(("sl",), job)
    assert fake.calls("apt-get") == ["update", "install"]


def test_a_broken_third_party_list_does_not_matter(
    fake: FakeApt, job: Job, events: list[Event]
) -> None:
    fake.answers("apt-cache", "true", keep=KNOWN)
    fake.answers("apt-get", "echo 'E: repo x is not signed'; exit 100", DONE)
    apt.install(("sl",), job)
    assert "did not reach everything" in notes(events)


def test_a_network_that_comes_back_is_retried(fake: FakeApt, job: Job, events: list[Event]) -> None:
    down = "echo \"W: Failed to fetch http://deb.example/x  Could not resolve 'deb.example'\""
    fake.answers("apt-cache", "true", "true", keep=KNOWN)
    fake.answers("apt-get", down, DONE)
    apt.install(("sl",), job)
    assert fake.calls("apt-get") == ["update", "install"]
    assert "E-APT-NETWORK: apt cannot get what it needs from deb.example" in notes(events)


def test_an_interrupted_dpkg_is_finished_first(fake: FakeApt, job: Job) -> None:
    fake.answers("apt-cache", keep=KNOWN)
    fake.answers("apt-get", "echo 'E: dpkg was interrupted, you must'; exit 100", DONE)
    apt.install(("sl",), job)
    assert fake.calls("apt-get") == ["install", "install"]
    assert fake.calls("dpkg") == ["--configure"]


def test_a_failure_ends_with_the_last_lines_of_apt(fake: FakeApt, job: Job) -> None:
    fake.answers("apt-cache", keep=KNOWN)
    fake.answers("apt-get", "echo 'E: Sub-process returned 1'; exit 100")
    with pytest.raises(BootstrapError, match="Sub-process returned 1") as raised:
        apt.install(("sl",), job)
    assert raised.value.code == "E-APT-FAILED"
    assert "E: Sub-process returned 1" in job.log


def test_a_lock_taken_between_look_and_start_is_waited_for(
    fake: FakeApt, job: Job, events: list[Event]
) -> None:
    busy = "echo 'E: Could not get lock /var/lib/dpkg/lock. It is held by process 8 (dpkg)'; exit 1"
    fake.answers("apt-cache", keep=KNOWN)
    fake.answers("apt-get", busy, DONE)
    apt.install(("sl",), job)
    assert fake.calls("apt-get") == ["install", "install"]
    assert "waiting for dpkg (process 8), 0 s so far" in notes(events)


@pytest.mark.machine
def test_a_held_lock_of_the_real_apt_is_waited_for(
    job: Job, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    # An installed package is asked for as if it were missing: the real apt-get then has nothing
    # to do, but it does take its locks.
    monkeypatch.setattr(apt, "missing", tuple)
    monkeypatch.setattr(apt, "_lists_outdated", lambda: False)
    monkeypatch.setattr(apt, "_unknown", lambda _: ())
    with held(Path("/var/lib/dpkg/lock-frontend")) as pid:
        thread = threading.Thread(target=lambda: apt.install(("hostname",), job, deadline_s=60))
        thread.start()
        thread.join(2)
        assert thread.is_alive()
        assert f"(process {pid})" in notes(events)
    thread.join(60)
    assert not thread.is_alive()
    assert "hostname is already the newest version" in "\n".join(job.log)


def test_commands_are_what_install_would_run(fake: FakeApt) -> None:
    fake.answers("apt-cache", "true")
    update, install = apt.commands(("sl",))
    assert update.startswith("apt-get update")
    assert "--no-install-recommends" in install
    assert install.endswith("-- sl")
    fake.answers("dpkg-query", "printf 'sl\\tii \\t\\n'")
    assert apt.commands(("sl",)) == ()

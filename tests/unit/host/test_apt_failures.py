from __future__ import annotations

import pytest

from bootstrap.core.errors import TransientError
from bootstrap.host.apt_failures import CONFIGURE, failure, locked_by, repair_for
from bootstrap.host.apt_locks import LockHolder
from bootstrap.host.command import Command, Result

INSTALL = Command(("apt-get", "install", "sl"))
UPDATE = Command(("apt-get", "update"))


@pytest.mark.parametrize(
    ("output", "holder"),
    [
        (
            "E: Could not get lock /var/lib/dpkg/lock. It is held by process 812 (unattended-upgr)",
            LockHolder(812, "unattended-upgr"),
        ),
        ("E: Could not get lock /var/lib/apt/lists/lock - open (11)", LockHolder()),
        ("dpkg: error: dpkg frontend lock was locked by another process", LockHolder()),
        ("E: Unable to locate package sl", None),
    ],
)
def test_a_lock_that_somebody_was_quicker_to_take(output: str, holder: LockHolder | None) -> None:
    assert locked_by(output) == holder


@pytest.mark.parametrize(
    ("output", "code", "in_remedy"),
    [
        ("dpkg: error: ... No space left on device", "E-APT-FAILED", "df -h"),
        ("E: You don't have enough free space in /var/cache/apt/", "E-APT-FAILED", "free some"),
        ("E: dpkg was interrupted, you must manually run", "E-APT-FAILED", "--configure -a"),
        ("E: Unable to locate package docker.io", "E-APT-FAILED", "offers docker.io"),
        ("E: Package 'x' has no installation candidate", "E-APT-FAILED", "offers x"),
        ("The following packages have unmet dependencies:", "E-APT-FAILED", "--fix-broken"),
        ("E: Failed to fetch http://a.example/x.deb  404  Not Found", "E-APT-FAILED", "sources"),
        ("sudo: a password is required", "E-SUDO", "terminal"),
        ("something else", "E-APT-FAILED", "apt-get install sl"),
    ],
)
def test_failures_that_no_retry_can_help(output: str, code: str, in_remedy: str) -> None:
    error = failure(Result(INSTALL, 100, output))
    assert error is not None
    assert not isinstance(error, TransientError)
    assert error.code == code
    assert in_remedy in error.remedy
    assert code == "E-SUDO" or output.splitlines()[-1] in error.what


@pytest.mark.parametrize(
    "output",
    [
        "W: Failed to fetch http://deb.example/x  Temporary failure resolving 'deb.example'",
        "Err:1 http://deb.example/debian stable InRelease\n  Something new",
        "E: Failed to fetch http://deb.example/x.deb  Hash Sum mismatch",
        "  Could not connect to deb.example:80 (1.2.3.4). - connect (111: Connection refused)",
        "  Cannot initiate the connection to deb.example:80 (2a04::644). - connect (101)",
    ],
)
def test_an_unreachable_archive_is_named_and_worth_a_retry(output: str) -> None:
    for code in (0, 100):  # apt-get update ends with 0 where a host did not answer
        error = failure(Result(UPDATE, code, output))
        assert isinstance(error, TransientError)
        assert (error.code, error.where) == ("E-APT-NETWORK", "deb.example")


def test_a_failure_says_what_apt_marks_as_errors() -> None:
    output = "Reading package lists...\nE: first\nmore words\nE: second\nthe end\n"
    error = failure(Result(INSTALL, 100, output))
    assert error is not None
    assert error.what == "`apt-get install` failed (code 100)\nE: first\nE: second"


def test_an_unreachable_archive_is_one_line() -> None:
    output = "Ign:1 x\n  Could not resolve 'deb.example'\nW: Failed to fetch http://deb.example/x\n"
    error = failure(Result(UPDATE, 0, output))
    assert error is not None
    assert error.what == (
        "apt cannot get what it needs from deb.example: Could not resolve 'deb.example'"
    )


def test_success_is_no_failure() -> None:
    assert failure(Result(UPDATE, 0, "Reading package lists...\n")) is None


@pytest.mark.parametrize(
    ("output", "repair"),
    [
        ("E: dpkg was interrupted, you must manually run 'dpkg --configure -a'", CONFIGURE),
        ("E: Failed to fetch http://deb.example/x.deb  404  Not Found [IP: ::1 80]", UPDATE),
        ("E: Unable to locate package sl", None),
    ],
)
def test_what_can_be_repaired(output: str, repair: Command | None) -> None:
    assert repair_for(output, UPDATE) == repair

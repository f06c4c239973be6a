"""What is personal or secret never gets through, whatever stands around it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bootstrap.host.host import this_machine
from bootstrap.report.redact import Redactor

PROXY = {"HTTPS_PROXY": "http://bob%2Dq:p%40ssw0rd@proxy.corp.example:3128"}
ENVIRON = {**PROXY, "MLFLOW_TRACKING_TOKEN": "correct-horse", "DEBUG_TOKEN": "1"}
redactor = Redactor(
    user="alice",
    home="/home/alice",
    hostname="alices-vm.corp.example",
    environ=ENVIRON,
    kept=("mlops-zoomcamp", "https://github.com/DataTalksClub/mlops-zoomcamp"),
)

CASES = {
    "git -C /home/alice/mlops-zoomcamp merge 0123": "git -C ~/mlops-zoomcamp merge 0123",
    "/home/alicea/x and /data/alice/x": "/home/<user>/x and /data/<user>/x",
    "/mnt/c/Users/Alice B/x": "/mnt/c/Users/<user> B/x",
    "usermod -aG docker alice": "usermod -aG docker <user>",
    "malice and alice_env": "malice and <user>_env",
    "on Alices-VM, alices-vm.corp.example:80": "on <host>, <host>:80",
    "via proxy.corp.example:3128": "via <host>:3128",
    "bob-q or bob%2Dq, p@ssw0rd or p%40ssw0rd": "<user> or <user>, <hidden> or <hidden>",
    "http://bob:pa@ss@10.0.0.5:8080/x": "http://<hidden>@<address>:8080/x",
    "curl https://ghp_short@example.org": "curl https://<hidden>@example.org",
    "the token is correct-horse.": "the token is <hidden>.",
    "POSTGRES_PASSWORD=hunter2 rest": "POSTGRES_PASSWORD=<hidden> rest",
    '{"api_key": "a b", "name": "x"}': '{"api_key": <hidden>, "name": "x"}',
    "Authorization: Bearer abcdef123456==": "Authorization: Bearer <hidden>",
    "ghp_0123456789abcdefghij0123": "<hidden>",
    "x AKIAIOSFODNN7EXAMPLE": "x <hidden>",
    "a@b.example.org wrote": "<email> wrote",
    "git@github.com:alice-z/fork.git": "git@github.com:<user>/fork.git",
    "https://github.com/someone/fork": "https://github.com/<user>/fork",
    "https://github.com/DataTalksClub/mlops-zoomcamp": (
        "https://github.com/DataTalksClub/mlops-zoomcamp"
    ),
    "10.0.0.5. 192.168.1.0/24": "<address>. <address>/24",
    "2001:db8:: and [fe80::1%eth0]:80, ::ffff:10.0.0.5": (
        "<address> and [<address>]:80, <address>"
    ),
    "http://127.0.0.1:5000 0.0.0.0:80 [::1]:80 [::]:80": (
        "http://127.0.0.1:5000 0.0.0.0:80 [::1]:80 [::]:80"
    ),
    "sha256:00ff at 12:34:56, tests/a.py::test_b, 2023.10.1.0": (
        "sha256:00ff at 12:34:56, tests/a.py::test_b, 2023.10.1.0"
    ),
    "\x1b[31malice\x1b[0m": "<user>",
    "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nx": "<hidden>\nx",
    "-----BEGIN PRIVATE KEY-----\ncut off": "<hidden>",
    "mlops-bootstrap up --port mlflow=5001": "mlops-bootstrap up --port mlflow=5001",
}


@pytest.mark.parametrize("text", CASES)
def test_personal_and_secret_parts_are_replaced(text: str) -> None:
    assert redactor.text(text) == CASES[text]


def test_names_that_every_machine_has_stay() -> None:
    common = Redactor(user="root", home="/root", hostname="ubuntu", environ={})
    assert common.text("root on Ubuntu: /root/x, localhost") == "root on Ubuntu: ~/x, localhost"


def test_a_name_like_ours_leaves_commands_pasteable() -> None:
    mlops = Redactor(user="mlops", home="/home/mlops", hostname="mlops", environ={})
    assert mlops.text("mlops: mlops-bootstrap up") == "<host>: mlops-bootstrap up"
    assert mlops.text("/data/mlops/x") == "/data/<host>/x"


def test_the_home_behind_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    linked = Redactor(user="root", home=str(tmp_path / "link"), hostname="", environ={})
    assert linked.text(f"{tmp_path}/real/a {tmp_path}/link/b") == "~/a ~/b"


def test_this_machine_is_redacted_from_its_view(tmp_path: Path) -> None:
    view, _ = this_machine({"HOME": str(tmp_path), "NO_PROXY": "x"})
    assert Redactor.of(view).text(f"{tmp_path}/a on {view.hostname}") == "~/a on <host>"


names = st.from_regex(r"[a-z][a-z0-9_-]{2,15}", fullmatch=True)
around = st.text(st.sampled_from(" \t\n\"'/:=@()[]<>,;.|&?#~-_é"), max_size=6)
anything = st.text(max_size=60)


@given(anything)
def test_twice_is_once(text: str) -> None:
    once = redactor.text(text)
    assert redactor.text(once) == once


@given(names, around, around, anything)
def test_a_user_name_never_gets_through(user: str, left: str, right: str, rest: str) -> None:
    assume(user not in {"root", "ubuntu", "debian", "user", "host", "address", "email", "hidden"})
    assume(user not in {"home", "mlops"})
    here = Redactor(user=user, home=f"/home/{user}", hostname="vm", environ={})
    shown = here.text(f"{rest} {left}{user}{right} /home/{user}/x")
    assert not re.search(rf"(?<![A-Za-z0-9]){re.escape(user)}(?![A-Za-z0-9])", shown)


@given(st.ip_addresses(), around, around)
def test_an_address_gets_through_only_where_it_tells_nothing(
    address: object, left: str, right: str
) -> None:
    import ipaddress

    assert isinstance(address, ipaddress.IPv4Address | ipaddress.IPv6Address)
    assume(not left.endswith((":", "_", ".")) and not right.startswith((":", "_")))
    shown = redactor.text(f"at {left}{address}{right}")
    assert (str(address) in shown) == (address.is_loopback or address.is_unspecified)


secrets = st.text(
    st.characters(codec="ascii", exclude_categories=["Cc", "Zs"], exclude_characters="/?#"),
    min_size=4,
    max_size=20,
)


@given(secrets, secrets, around)
def test_credentials_in_a_url_never_get_through(user: str, password: str, left: str) -> None:
    shown = redactor.text(f"{left} https://{user}:{password}@example.org/x")
    assert shown.endswith("https://<hidden>@example.org/x")


@given(st.from_regex(r"[A-Za-z0-9+!$-]{8,30}", fullmatch=True), around, around)
def test_the_proxys_password_never_gets_through(password: str, left: str, right: str) -> None:
    environ = {"http_proxy": f"http://me-myself:{password}@proxy:3128"}
    here = Redactor(user="alice", home="/home/alice", hostname="vm", environ=environ)
    assert password not in here.text(f"x{left}{password}{right}y")


@given(st.from_regex(r"[A-Za-z0-9]{36}", fullmatch=True), around, around)
def test_a_token_never_gets_through(token: str, left: str, right: str) -> None:
    assert token not in redactor.text(f"{left}ghp_{token}{right}")


def test_a_long_line_takes_no_longer_than_its_length() -> None:
    for text in ("a" * 99_000, ":" * 99_000, "a@" * 50_000, "1." * 50_000, "token" * 20_000):
        assert redactor.text(text) is not None

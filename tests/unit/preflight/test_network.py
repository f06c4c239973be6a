from __future__ import annotations

import pytest

from bootstrap.host.network import Answer
from bootstrap.preflight import network
from bootstrap.preflight.needs import Needs
from tests.unit.host.test_network import closed_port, server, silent_port
from tests.unit.preflight.test_machine import MACHINE


def needs(*urls: str, **environ: str) -> Needs:
    hosts = tuple((f"step {number}", url) for number, url in enumerate(urls))
    return Needs(MACHINE, hosts=hosts, environ=environ)


def test_a_host_that_answers_is_fine() -> None:
    with server() as url:
        assert network.check(needs(f"{url}/a", f"{url}/b")) == ()


def test_what_needs_no_network_is_not_asked() -> None:
    assert network.check(needs("file:///srv/repo.git", "git@host.invalid:x.git")) == ()
    assert network.check(needs()) == ()


def test_names_that_are_unknown_for_one_reason_are_one_problem() -> None:
    found = network.check(needs("https://a.invalid/x", "https://b.invalid/y"))
    assert [p.code for p in found] == ["E-DNS"]
    assert "a.invalid, b.invalid" in found[0].what
    assert found[0].where == "step 0, step 1"
    assert "--source" in found[0].remedy


def test_a_host_that_refuses_is_one_problem_with_all_its_steps() -> None:
    with closed_port() as port:
        (problem,) = network.check(
            needs(f"http://127.0.0.1:{port}/a", f"http://127.0.0.1:{port}/b")
        )
    assert problem.code == "E-HOST-UNREACHABLE"
    assert problem.what == f"127.0.0.1:{port} does not answer: Connection refused"
    assert problem.where == "step 0, step 1"


def test_credentials_of_a_mirror_are_not_shown() -> None:
    with closed_port() as port:
        found = network.check(needs(f"http://ann:s3cret@127.0.0.1:{port}/a"))
    assert found
    assert "s3cret" not in repr(found)


def test_a_dead_proxy_is_one_problem_for_all_hosts() -> None:
    with closed_port() as port:
        proxy = f"http://ann:s3cret@127.0.0.1:{port}"
        asked = needs("https://a.invalid/x", "https://b.invalid/y", https_proxy=proxy)
        (problem,) = network.check(asked)
    assert problem.code == "E-PROXY"
    assert problem.what == (
        f"the proxy http://ann:***@127.0.0.1:{port} does not answer: Connection refused"
    )
    assert problem.where == "step 0, step 1"


def test_a_proxy_that_wants_a_password() -> None:
    with server(status=407) as proxy:
        (problem,) = network.check(needs("http://a.invalid/x", http_proxy=proxy))
    assert problem.code == "E-PROXY"
    assert "407" in problem.what


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(-7200, "2 h 0 min ahead of"), (-90061, "1 d 1 h ahead of"), (600, "behind")],
)
def test_a_clock_that_is_off(ahead: int, words: str) -> None:
    with server(ahead - 0.5) as url:
        (problem,) = network.check(needs(url))
    assert problem.code == "E-CLOCK"
    assert words in problem.what
    assert problem.fatal


def test_one_host_with_a_wrong_clock_does_not_make_ours_wrong() -> None:
    with server() as right, server(7200) as wrong:
        assert network.check(needs(right, wrong)) == ()


def test_a_certificate_refused_for_its_dates_points_at_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = Answer("TLS: certificate is not yet valid", clock_suspected=True)
    monkeypatch.setattr(network, "head", lambda *_: refused)
    (problem,) = network.check(needs("https://127.0.0.1/x"))
    assert problem.code == "E-CLOCK"
    assert "127.0.0.1 is out of date: TLS: certificate is not yet valid" in problem.what


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(125, "2 min 5 s"), (3600, "1 h 0 min"), (90061, "1 d 1 h"), (59.9, "59 s")],
)
def test_times_in_words(seconds: float, words: str) -> None:
    assert network._duration(seconds) == words


def test_a_host_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "ANSWER_DEADLINE", 0.3)
    with silent_port() as port:
        (problem,) = network.check(needs(f"http://127.0.0.1:{port}/"))
    assert problem.code == "E-HOST-UNREACHABLE"

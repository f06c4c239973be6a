from __future__ import annotations

import pytest
import requests

from bootstrap.registry.address import Address, is_loopback, without_proxy


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost:5000/v2/", True),
        ("//127.0.0.1:5000", True),
        ("//127.8.9.1", True),
        ("//[::1]:5000", True),
        ("https://ghcr.io/v2/", False),
        ("//localhost.example.org", False),
        ("//10.0.0.1:5000", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(url: str, *, loopback: bool) -> None:
    assert is_loopback(url) == loopback


@pytest.mark.parametrize(
    ("registry", "base"),
    [("ghcr.io", "https://ghcr.io"), ("docker.io", "https://registry-1.docker.io")],
)
def test_others_are_asked_with_tls_and_without_a_question(registry: str, base: str) -> None:
    with requests.Session() as session:
        assert Address(registry).base(session) == base


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_no_proxy_is_asked_for_this_machine(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    url = f"http://{host}:5000/v2/"
    with requests.Session() as session:
        used = session.merge_environment_settings(url, without_proxy(url), None, None, None)
        others = session.merge_environment_settings(
            "http://example.org/", without_proxy("http://example.org/") or {}, None, None, None
        )
    assert "http" not in used["proxies"]
    assert others["proxies"]["http"] == "http://proxy.example:3128"

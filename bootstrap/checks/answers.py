"""Whether something answers at an address: the quick look that `status` takes."""

from __future__ import annotations

QUICK_S = 2.0


def answers(url: str) -> bool:
    """Whether a GET of this address gives 200 at once. Never raises for what the network does."""
    import requests

    with requests.Session() as session:
        session.trust_env = False  # a proxy of the environment cannot reach this machine's loopback
        try:
            return session.get(url, timeout=QUICK_S, allow_redirects=False).ok
        except requests.RequestException:
            return False

"""Whether something answers at an address: the quick look that `status` takes."""

from __future__ import annotations

from urllib.parse import urlsplit

from bootstrap.host import web

QUICK_S = 2.0


def answers(url: str) -> bool:
    """Whether a GET of this address is answered well at once. Never raises."""
    parts = urlsplit(url)
    try:
        web.ask(f"{parts.scheme}://{parts.netloc}", "GET", parts.path or "/", timeout=QUICK_S)
    except (OSError, web.RefusalError):
        return False
    return True

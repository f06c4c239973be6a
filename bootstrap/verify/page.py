"""A web page as a browser would fetch it: the HTML, and the scripts and styles that it names."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from bootstrap.checks.api import Api, HttpError

KINDS = {"script": ("javascript", "ecmascript"), "stylesheet": ("css",)}
"""What the type of a file's content has to name, by what the page uses it for."""


class _Files(HTMLParser):
    """Collects (use, address) of what a page names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and (source := given.get("src")):
            self.found.append(("script", source))
        if tag == "link" and given.get("rel") == "stylesheet" and (source := given.get("href")):
            self.found.append(("stylesheet", source))


def files_of(html: str, page: str) -> list[tuple[str, str]]:
    """(use, path) of each script and style on the page's own server; page is its path."""
    parser = _Files()
    parser.feed(html)
    resolved = ((use, urlsplit(urljoin(page, source))) for use, source in parser.found)
    return [(use, url.path) for use, url in resolved if not url.netloc]


def broken(api: Api, page: str = "/") -> tuple[list[str], int]:
    """What of a page does not load, a line each, and how many files it needs.

    Raises BootstrapError where the page itself does not.
    """
    answer = api.send("GET", page)
    kind = answer.headers.get("Content-Type", "")
    if "text/html" not in kind:
        return [f"{page} is {kind or 'of no type'}, not HTML"], 0
    named = files_of(answer.text, page)
    if not any(use == "script" for use, _ in named):
        return [f"{page} names no script: nothing would be drawn"], 0
    return list(_not_loading(api, named)), len(named)


def _not_loading(api: Api, named: list[tuple[str, str]]) -> Iterator[str]:
    for use, path in named:
        try:
            answer = api.send("GET", path)
        except HttpError as error:
            yield f"{path} answers {error.status}"
            continue
        kind = answer.headers.get("Content-Type", "")
        if not any(word in kind for word in KINDS[use]):
            yield f"{path} is {kind or 'of no type'}, not a {use}"
        elif not answer.content:
            yield f"{path} is empty"

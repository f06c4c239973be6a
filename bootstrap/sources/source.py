"""Where artifacts come from. The layout is the same for every source, only the address differs.

`https://HOST/PATH` of the course is at `SOURCE/HOST/PATH` of a mirror: archives of a conda channel,
release downloads and git repositories alike. An image `REGISTRY/NAME@DIGEST` is at the mirror's own
registry API as `MIRROR_HOST:PORT/REGISTRY/NAME@DIGEST`. Wheels come from the index that the machine
is set up for: their hashes are pinned, so it does not matter who serves them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bootstrap.core.errors import UsageError

UPSTREAM = "upstream"
CREDENTIALS = re.compile(r"(?<=://)[^/?#]*@")


@dataclass(frozen=True, slots=True)
class Source:
    """An address that artifacts are taken from. base is empty for upstream."""

    base: str = ""

    @classmethod
    def parse(cls, text: str) -> Source:
        """A source from what a person typed: `upstream` or an http(s) URL.

        Raises UsageError E-SOURCE for anything else.
        """
        if text == UPSTREAM:
            return cls()
        if not _is_web_address(text):
            raise UsageError(
                "E-SOURCE",
                f"{without_credentials(text)!r} is no source",
                where="--source",
                remedy="give `upstream` or the URL of a mirror, such as http://mirror.example:8080",
            )
        return cls(text.rstrip("/"))

    def __str__(self) -> str:
        return without_credentials(self.base) or UPSTREAM

    def url(self, upstream: str) -> str:
        """Where this source serves what upstream serves at that URL."""
        if not self.base:
            return upstream
        _, _, rest = upstream.partition("://")
        return f"{self.base}/{rest}"

    def image(self, name: str) -> str:
        """The name by which this source's registry serves an image, REGISTRY/REPOSITORY."""
        if not self.base:
            return name
        return f"{urlsplit(self.base).netloc.rpartition('@')[2]}/{name}"


def without_credentials(url: str) -> str:
    """The URL without `user:password@`: what may be shown, logged and kept."""
    return CREDENTIALS.sub("", url)


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # such as half an IPv6 address
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)

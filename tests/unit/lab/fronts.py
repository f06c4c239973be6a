"""A front for tests: served while a block runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.server import Front, Site


@contextmanager
def running(*roots: Path, git_root: Path | None = None) -> Iterator[Front]:
    """Serve these folders on a free port of loopback."""
    with serving(Site(roots=roots, git_root=git_root)) as front:
        yield front


@contextmanager
def serving(site: Site) -> Iterator[Front]:
    """Serve a site on a free port of loopback."""
    with Front(site) as front:
        thread = threading.Thread(target=front.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield front
        finally:
            front.stopping.set()
            front.shutdown()
            thread.join()

"""What a person chose: course, source, ports, runtime. Remembered for the commands that follow."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bootstrap.core.errors import UsageError
from bootstrap.course.model import Course
from bootstrap.host.files import make_private, write_atomically
from bootstrap.sources.source import UPSTREAM

DEFAULT_COURSE = "mlops-zoomcamp"
LOOPBACK = "127.0.0.1"
FILE = "selection.json"


@dataclass(frozen=True, slots=True)
class Selection:
    """course is a path or a shipped name; ports overrides the course's, by service; held is the
    digest of the generation that `rollback` went back to, empty where the course's locks count;
    runtime is docker or native, or auto while that was not chosen yet; python is locked, or
    system for a CPython of this machine."""

    course: str = DEFAULT_COURSE
    source: str = UPSTREAM
    bind: str = LOOPBACK
    ports: Mapping[str, int] = field(default_factory=dict)
    held: str = ""
    runtime: str = "auto"
    python: str = "locked"

    def changed(
        self,
        *,
        course: str | None = None,
        source: str | None = None,
        bind: str | None = None,
        ports: Mapping[str, int] | None = None,
        held: str | None = None,
        runtime: str | None = None,
        python: str | None = None,
    ) -> Selection:
        """This selection with what was given now; of another course neither ports nor the held
        generation are carried over."""
        another = bool(course) and course != self.course
        kept = {} if another else dict(self.ports)
        remembered = "" if another else self.held
        return Selection(
            course or self.course,
            source or self.source,
            bind or self.bind,
            {**kept, **(ports or {})},
            remembered if held is None else held,
            runtime or self.runtime,
            python or self.python,
        )

    def port(self, course: Course, service: str) -> int | None:
        """The port that a service of the course is published on, None where it has none."""
        return self.ports.get(service, course.services[service].port)

    def check(self, course: Course) -> None:
        """Raise UsageError E-PORT-OPTION for a port of a service that the course does not publish,
        or for two services on one port."""
        published = [n for n, service in course.services.items() if service.port]
        for name in self.ports:
            if name not in published:
                raise UsageError(
                    "E-PORT-OPTION",
                    f"the course publishes no service {name!r}",
                    where="--port",
                    remedy=f"its services with a port: {', '.join(published)}",
                )
        numbers = [self.port(course, name) for name in published]
        if len(set(numbers)) < len(numbers):
            raise UsageError(
                "E-PORT-OPTION", "two services would have the same port", where="--port"
            )


def load_selection(config: Path, environ: Mapping[str, str]) -> Selection:
    """The remembered selection, under what the environment says.

    A file that cannot be read means that nothing was chosen: it is a convenience, not a proof.
    """
    from pydantic import TypeAdapter

    try:
        remembered = TypeAdapter(Selection).validate_json((config / FILE).read_bytes())
    except (OSError, ValueError):
        remembered = Selection()
    return remembered.changed(
        course=environ.get("MLOPS_BOOTSTRAP_COURSE"), source=environ.get("MLOPS_BOOTSTRAP_SOURCE")
    )


def save_selection(config: Path, selection: Selection) -> None:
    """Remember a selection; readable by its owner only, a mirror's address may hold a token."""
    content = json.dumps({"version": 1, **dataclasses.asdict(selection)}, indent=1) + "\n"
    file = config / FILE
    if not file.is_file() or file.read_bytes() != content.encode():
        write_atomically(make_private(config) / FILE, content.encode(), 0o600)

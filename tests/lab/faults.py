"""What can go wrong with an answer, and the list of what shall go wrong next."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any, ClassVar


@dataclass(frozen=True)
class Fault:
    """Something that happens to the answer to one request."""

    name: ClassVar[str]


@dataclass(frozen=True)
class Cut(Fault):
    """Close the connection after this many bytes of the body."""

    name: ClassVar[str] = "cut"
    after: int = 0


@dataclass(frozen=True)
class Stall(Fault):
    """Send nothing more after this many bytes of the body, and keep the connection open."""

    name: ClassVar[str] = "stall"
    after: int = 0


@dataclass(frozen=True)
class Flip(Fault):
    """Change the byte at this place of the body."""

    name: ClassVar[str] = "flip"
    at: int = 0


@dataclass(frozen=True)
class Slow(Fault):
    """Send the body at this many bytes a second."""

    name: ClassVar[str] = "slow"
    rate: int = 64 * 1024


@dataclass(frozen=True)
class Status(Fault):
    """Answer with this status instead, with a Retry-After header where one is given."""

    name: ClassVar[str] = "status"
    code: int = 503
    retry_after: int | None = None


@dataclass(frozen=True)
class CutUpload(Fault):
    """Close the connection after this many bytes of what the client sends to the registry.

    The registry has got those bytes, or nothing where the front keeps (`kept`) what comes until it
    has all of it, as nginx does.
    """

    name: ClassVar[str] = "cut-upload"
    after: int = 0
    kept: bool = False


@dataclass(frozen=True)
class Lost(Fault):
    """Let the registry do what it is asked, and close the connection without its answer."""

    name: ClassVar[str] = "lost"


KINDS: dict[str, type[Fault]] = {
    kind.name: kind for kind in (Cut, Stall, Flip, Slow, Status, CutUpload, Lost)
}


def fault_from(data: Mapping[str, Any]) -> Fault:
    """Make a fault of its JSON form: `{"fault": "cut", "after": 1000}`."""
    values = dict(data)
    name = values.pop("fault", None)
    if name not in KINDS:
        raise ValueError(f"no fault is called {name!r}; there are {', '.join(KINDS)}")
    try:
        return KINDS[name](**values)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from error


@dataclass
class Rule:
    """A fault for the paths and methods that match, for so many requests (None: for all)."""

    path: str
    fault: Fault
    times: int | None
    method: str = "*"

    def to_json(self) -> dict[str, Any]:
        """Return the form that a POST to the server takes."""
        values = {
            "path": self.path,
            "times": self.times,
            "method": self.method,
            "fault": self.fault.name,
        }
        return values | asdict(self.fault)


@dataclass
class Faults:
    """The rules in force, oldest first; one request meets the first that matches."""

    _rules: list[Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, path: str, fault: Fault, times: int | None = 1, method: str = "*") -> None:
        """Let the next `times` requests for a path and a method like these globs meet the fault."""
        with self._lock:
            self._rules.append(Rule(path, fault, times, method))

    def clear(self) -> None:
        """Let everything go well from now on."""
        with self._lock:
            self._rules.clear()

    def pending(self) -> list[dict[str, Any]]:
        """Return the rules that are left."""
        with self._lock:
            return [rule.to_json() for rule in self._rules]

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that a request meets, and count it.

        HEAD has no body to cut or slow down: it meets a status only and uses up nothing else.
        """
        with self._lock:
            for rule in self._rules:
                if method == "HEAD" and not isinstance(rule.fault, Status):
                    continue
                if fnmatchcase(path, rule.path) and fnmatchcase(method, rule.method):
                    if rule.times is not None:
                        rule.times -= 1
                        if rule.times <= 0:
                            self._rules.remove(rule)
                    return rule.fault
        return None

"""Plans, errors and results as plain text for people. Pure: values in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from bootstrap.core.errors import BootstrapError
from bootstrap.core.events import Failure
from bootstrap.report import clean, units
from bootstrap.report.colour import Paint

if TYPE_CHECKING:
    from bootstrap.core.plan import Change, Plan

PLAIN = Paint()


class Problem(Protocol):
    """Something about the machine that preflight found; a fatal one stops `up` before it begins."""

    @property
    def code(self) -> str:
        """Its code in the catalogue."""

    @property
    def what(self) -> str:
        """What is the matter."""

    @property
    def where(self) -> str:
        """The port, folder or host that it is about."""

    @property
    def remedy(self) -> str:
        """What to do about it."""

    @property
    def fatal(self) -> bool:
        """Whether `up` cannot go on."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a person needs at the end of `up`: (name, url) to open, what to type, what is left."""

    addresses: tuple[tuple[str, str], ...]
    activate: str
    todo: tuple[str, ...]
    seconds: float
    nothing_to_do: bool = False
    held: str = ""  # the digest of the generation that `rollback` went back to


@dataclass(frozen=True, slots=True)
class Service:
    """One service as `status` sees it."""

    name: str
    state: str
    healthy: bool
    url: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the runtime that was not chosen has here: services that run, and data."""

    runtime: str
    running: tuple[str, ...]
    data: str


class Difference(Protocol):
    """A package that is not as wanted."""

    @property
    def package(self) -> str:
        """Its name."""

    @property
    def kind(self) -> str:
        """Whether it is of conda or a wheel."""

    @property
    def found(self) -> str:
        """The version that is there, empty where it is gone."""

    @property
    def wanted(self) -> str:
        """The version that is wanted, empty where nobody wants it."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is on the machine now, in a word or two a part.

    lock_digest is of the course's locks, generation and previous of the environments that are
    installed, each empty where there is none; drift is how the one in use differs from its locks.
    """

    course: str
    lock_digest: str
    environment: str  # the prefix
    environment_state: str
    engine: str
    repository: str
    services: tuple[Service, ...]
    generation: str = ""
    previous: str = ""
    held: str = ""
    drift: tuple[Difference, ...] = ()
    runtime: str = "docker"
    elsewhere: Elsewhere | None = None  # of the other runtime
    unheld: tuple[str, ...] = ()  # pins that do not hold on the system's Python

    @property
    def healthy(self) -> bool:
        """Whether there are services and all of them are healthy."""
        return bool(self.services) and all(service.healthy for service in self.services)


def columns(pairs: Sequence[tuple[str, str]], indent: str = "  ") -> list[str]:
    """Names and what they mean, aligned; a repeated or empty name leaves its column blank."""
    width = max((len(name) for name, _ in pairs), default=0)
    found = []
    for index, (name, meaning) in enumerate(pairs):
        shown = "" if index and pairs[index - 1][0] == name else name
        found.append(f"{indent}{shown:<{width}}  {meaning}".rstrip())
    return found


def count(number: int, noun: str) -> str:
    """A number with its noun: 1 step, 3 steps."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def generation(digest: str) -> str:
    """A digest as short as the folder of its generation has it."""
    return digest[:12]


def held_at(digest: str) -> str:
    """That `rollback` holds the environment, and how to go on."""
    return f"at generation {generation(digest)}; `mlops-bootstrap update` goes on"


def plan(plan: Plan[Any, Any], paint: Paint = PLAIN, held: str = "") -> str:
    """What `up` would change: found -> wanted a step; held is the digest it is held at, if so."""
    end = [f"The environment is held {held_at(held)}."] if held else []
    unchanged = len(plan.steps) - len(plan.changes)
    if not plan.changes:
        nothing = f"Nothing to do: {count(unchanged, 'step')} checked, all as wanted."
        return "\n".join([nothing, *end])
    titles = {step.name: step.title for step in plan.steps}
    pairs = [(change.title, _difference(change, titles, paint)) for change in plan.changes]
    already = f", {unchanged} already as wanted" if unchanged else ""
    head = paint.bold(f"{count(len(pairs), 'step')} to do") + already
    return "\n".join([head, "", *columns(pairs), *(["", *end] if end else [])])


def _difference(change: Change, titles: dict[str, str], paint: Paint) -> str:
    wanted = clean.line(change.wanted)
    if change.known_after:
        after = titles.get(change.known_after, change.known_after)
        return paint.dim(f"known after {after} -> {wanted}")
    return f"{clean.line(change.found) or 'nothing'} -> {wanted}"


def error(error: BootstrapError, paint: Paint = PLAIN) -> str:
    """An error that ended a command."""
    return failure(Failure(error.code, error.what, error.where, error.remedy), paint=paint)


def failure(failure: Failure, title: str = "", paint: Paint = PLAIN) -> str:
    """Why something failed: code, what, where, the last lines of the log, and what to do."""
    first, *more = clean.lines(failure.what) or ["no more is known"]
    pairs = [("", line) for line in more]
    pairs += [("where", line) for line in clean.lines(failure.where)]
    pairs += [("log", paint.dim(line)) for part in failure.log for line in clean.lines(part)]
    pairs += [("remedy", paint.bold(line)) for line in clean.lines(failure.remedy)]
    pairs += [("more", paint.link(f"mlops-bootstrap explain {failure.code}"))]
    head = f"{title} failed: {first}" if title else first
    return "\n".join([f"{paint.bad(failure.code)}  {paint.bold(head)}", *columns(pairs)])


def problems(found: Sequence[Problem], paint: Paint = PLAIN) -> str:
    """What is the matter with the machine: what stops `up` first, then what is good to know."""
    if not found:
        return "The machine meets all requirements."
    fatal = sum(problem.fatal for problem in found)
    parts = [_severity(problem, paint) for problem in sorted(found, key=lambda p: not p.fatal)]
    warnings = len(found) - fatal
    counted = [count(fatal, "problem")] if fatal else []
    counted += [count(warnings, "warning")] if warnings else []
    nothing_done = "; nothing was changed" if fatal else ""
    return "\n\n".join([*parts, paint.bold(", ".join(counted)) + nothing_done])


def _severity(problem: Problem, paint: Paint) -> str:
    word = "problem" if problem.fatal else "warning"
    mark = paint.bad(word) if problem.fatal else paint.bold(word)
    as_failure = Failure(problem.code, problem.what, problem.where, problem.remedy)
    return f"{mark}  {failure(as_failure, paint=paint)}"


def summary(summary: Summary, paint: Paint = PLAIN) -> str:
    """The end of `up`: where to go from here."""
    took = units.duration(summary.seconds)
    ready = f"Nothing to do: all as wanted, {took}." if summary.nothing_to_do else f"Ready, {took}."
    width = max((len(name) for name, _ in summary.addresses), default=0)
    pairs = [("open", f"{name:<{width}}  {paint.link(url)}") for name, url in summary.addresses]
    pairs += [("activate", paint.link(summary.activate))] if summary.activate else []
    pairs += [("held", held_at(summary.held))] if summary.held else []
    pairs += [("to do", line) for line in summary.todo]
    return "\n".join([paint.good(ready), *([""] if pairs else []), *columns(pairs)])


def status(status: Status, paint: Paint = PLAIN) -> str:
    """What is on the machine now."""
    pairs = [
        ("course", status.course),
        ("lock", status.lock_digest),
        ("generation", generation(status.generation)),
        ("held", status.held and held_at(status.held)),
        ("previous", generation(status.previous)),
        ("environment", status.environment_state),
        ("environment", paint.dim(status.environment)),
        ("runtime", status.runtime),
        ("engine", status.engine),
        ("repository", status.repository),
    ]
    if status.unheld:
        pairs.append(("not held", f"the Python is this machine's: {', '.join(status.unheld)}"))
    pairs += [("drift", paint.bad(drifted(one))) for one in status.drift]
    names = max((len(service.name) for service in status.services), default=0)
    states = max((len(_state(service)) for service in status.services), default=0)
    for service in status.services:
        padding = " " * (states - len(_state(service)))
        painted = paint.good(_state(service)) if service.healthy else paint.bad(_state(service))
        named = f"{service.name:<{names}}  {painted}{padding}  {paint.link(service.url)}"
        pairs.append(("services", named.rstrip()))
    if not status.services:
        pairs.append(("services", "none"))
    if other := status.elsewhere:
        runs = f"{', '.join(other.running)} running" if other.running else "none runs"
        pairs.append((f"by {other.runtime}", f"{runs}; data: {other.data or 'none'}"))
    return "\n".join(columns([pair for pair in pairs if pair[1]], indent=""))


def drifted(one: Difference) -> str:
    """How a package differs from the lock by now."""
    if not one.wanted:
        return f"{one.package} {one.found} was added by hand"
    if not one.found:
        return f"{one.package} {one.wanted} is gone"
    return f"{one.package} is {one.found}, locked is {one.wanted}"


def _state(service: Service) -> str:
    """State and health in words: running is not yet healthy."""
    if service.healthy:
        return "healthy"
    return service.state if service.state != "running" else "running, not healthy"

"""Results made into a report, without what is personal."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from bootstrap import __version__
from bootstrap.generation import Generation
from bootstrap.generation.fingerprint import fingerprint
from bootstrap.generation.installed import Installed
from bootstrap.host.facts import Machine, read_machine
from bootstrap.machine.blueprint import Blueprint
from bootstrap.verify import maturity
from bootstrap.verify.check import Check, Extra, Result
from bootstrap.verify.report import (
    CheckResult,
    CourseFacts,
    Drifted,
    Environment,
    MachineFacts,
    Report,
    Scope,
    counts_of,
)
from bootstrap.verify.report import (
    Maturity as MaturityPart,
)
from bootstrap.verify.run import Ended, Started, run
from bootstrap.verify.subject import Subject
from bootstrap.verify.verification import Asked, modules_of

Text = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Verified:
    """A verification that has ended: what was asked, what came of it, when it began and how many
    seconds it took."""

    blueprint: Blueprint
    machine: Machine
    asked: Asked
    results: tuple[Result, ...]
    when: datetime.datetime
    seconds: float


def verify(
    subject: Subject,
    checks: Sequence[Check],
    asked: Asked,
    *,
    started: Started = lambda _: None,
    ended: Ended = lambda _: None,
) -> Verified:
    """Carry out these checks; started and ended are as in run(). Raises Interrupted."""
    when, began = datetime.datetime.now(datetime.UTC).replace(microsecond=0), time.monotonic()
    results = run(checks, subject, started=started, ended=ended)
    took = time.monotonic() - began
    return Verified(subject.blueprint, read_machine(), asked, results, when, took)


def report_of(done: Verified, text: Text) -> Report:
    """The report; text takes out of words what is personal."""
    course, environment = done.blueprint.loaded.course, done.blueprint.generation
    checks = checks_of(done, text)
    return Report(
        version=1,
        kind="report",
        tool=__version__,
        when=done.when,
        seconds=round(done.seconds, 3),
        course=CourseFacts(name=course.name, title=course.title, lock=done.blueprint.lock_digest),
        runtime=done.blueprint.runtime.name,
        environment=_environment(environment, held=bool(done.blueprint.selection.held)),
        machine=_machine(done.machine),
        scope=Scope(
            only=tuple(sorted(done.asked.only)),
            module=done.asked.module,
            deep=Extra.DEEP in done.asked.extras,
            imports=Extra.IMPORTS in done.asked.extras,
            partial=done.asked.partial,
        ),
        counts=counts_of(checks),
        checks=checks,
        maturity=_maturity(done),
        signature=None,
    )


def checks_of(done: Verified, text: Text) -> tuple[CheckResult, ...]:
    """The checks as a report has them."""
    return tuple(_check(done, result, text) for result in done.results)


def _maturity(done: Verified) -> MaturityPart | None:
    if done.asked.partial:
        return None
    return MaturityPart.model_validate(maturity.as_json(maturity.of_results(done.results)))


def _check(done: Verified, result: Result, text: Text) -> CheckResult:
    check, finding = result.check, result.finding
    return CheckResult(
        code=check.code,
        area=check.area.value,
        title=check.title,
        modules=modules_of(check, done.blueprint.loaded.course),
        outcome=finding.outcome,
        found=text(finding.found),
        wanted=text(finding.wanted),
        remedy=text(finding.remedy),
        error=result.error,
        blocked_by=result.blocked_by,
        seconds=round(result.seconds, 3),
    )


def _environment(generation: Generation, *, held: bool) -> Environment:
    wanted = generation.contents
    installed = Installed.read(generation.prefix) if generation.is_complete() else None
    drift = installed.drift() if installed else ()
    return Environment(
        generation=generation.digest,
        held=held,
        fingerprint=fingerprint(wanted.changed(drift)) if installed else "",
        wanted=fingerprint(wanted),
        drift=tuple(Drifted(**asdict(one)) for one in drift),
    )


def _machine(facts: Machine) -> MachineFacts:
    return MachineFacts(
        distribution=facts.pretty_name,
        os_id=facts.os_id,
        os_version=facts.os_version,
        arch=facts.arch,
        glibc=facts.glibc,
        memory_bytes=facts.memory_bytes,
        swap_bytes=facts.swap_bytes,
        cores=facts.cores,
        wsl=facts.wsl,
        systemd=facts.systemd,
    )

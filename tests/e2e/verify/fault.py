"""A fault: one thing that is broken on a machine that was whole, and what `verify` has to say."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bootstrap.verify.areas import all_checks
from tests.e2e.machine import Machine


def _nothing(machine: Machine) -> None:
    """A fault that is only in how `verify` is called leaves nothing to mend."""


@dataclass(frozen=True)
class Fault:
    """inject breaks it and gives the machine to verify: the same, or with other variables. failed
    and warned are all the checks that say so, and what needs a failed one is blocked; exit is what
    `verify` then ends with. runtimes are those that it is a fault in."""

    name: str
    inject: Callable[[Machine], Machine]
    mend: Callable[[Machine], None] = _nothing
    failed: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    exit: int = 1
    runtimes: tuple[str, ...] = ("docker",)

    def outcomes(self, runtime: str) -> dict[str, str]:
        """How the checks end that it touches, by code."""
        return {
            **dict.fromkeys(self.warned, "warning"),
            **dict.fromkeys(needing(self.failed, runtime), "blocked"),
            **dict.fromkeys(self.failed, "failed"),
        }

    @property
    def areas(self) -> tuple[str, ...]:
        """The options that limit `verify` to what says so."""
        areas = dict.fromkeys(code.partition(".")[0] for code in (*self.failed, *self.warned))
        return tuple(word for area in areas for word in ("--only", area))


def needing(codes: Collection[str], runtime: str) -> set[str]:
    """The checks that need one of these, directly or not, where services run so."""
    checks = [c for c in all_checks() if not c.docker or runtime == "docker"]
    found = set(codes)
    while more := {c.code for c in checks if found & set(c.requires)} - found:
        found |= more
    return found


@dataclass(frozen=True)
class Verified:
    """What one `verify` said: its exit code, and each check by code."""

    exit: int
    checks: Mapping[str, Mapping[str, Any]]

    @property
    def outcomes(self) -> dict[str, str]:
        return {code: check["outcome"] for code, check in self.checks.items()}

    def changed(self, whole: Verified) -> dict[str, str]:
        """The outcomes that are not those of the whole machine."""
        return {c: o for c, o in self.outcomes.items() if o != whole.outcomes[c]}

    def without(self, *codes: str) -> Verified:
        """The same but for these checks."""
        return Verified(self.exit, {c: v for c, v in self.checks.items() if c not in codes})


OF_THE_KERNEL = "tools.out-of-memory"
"""The log that it reads is that of the machine that runs the tests, where other things happen."""


def verify(machine: Machine, *arguments: str) -> Verified:
    done = machine.run("verify", *arguments, "--json")
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    return Verified(done.returncode, {check["code"]: check for check in report["checks"]})


def prove(fault: Fault, machine: Machine, whole: Verified, *arguments: str) -> None:
    """Inject the fault, see that just the right checks change, mend it whatever happens."""
    try:
        broken = verify(fault.inject(machine), *arguments)
    finally:
        fault.mend(machine)
    if OF_THE_KERNEL not in fault.warned:
        broken = broken.without(OF_THE_KERNEL)
    said = {code: broken.checks[code]["found"] for code in broken.changed(whole)}
    outcomes = fault.outcomes(machine.runtime)
    assert broken.changed(whole) == {c: o for c, o in outcomes.items() if c in broken.checks}, said
    assert broken.exit == fault.exit, said
    for code in (*fault.failed, *fault.warned):
        assert code not in broken.checks or broken.checks[code]["remedy"], code
    for check in broken.checks.values():
        assert set(check["blocked_by"]) <= {*fault.failed, *fault.warned}

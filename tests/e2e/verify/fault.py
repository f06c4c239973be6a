"""A fault: one thing that is broken on a machine that was whole, and what `verify` has to say."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.e2e.machine import Machine


def _nothing(machine: Machine) -> None:
    """A fault that is only in how `verify` is called leaves nothing to mend."""


@dataclass(frozen=True)
class Fault:
    """inject breaks it and gives the machine to verify: the same, or with other variables. failed,
    blocked and warned are all the checks that end otherwise than on a whole machine; exit is what
    `verify` then ends with. runtimes are those that it is a fault in."""

    name: str
    inject: Callable[[Machine], Machine]
    mend: Callable[[Machine], None] = _nothing
    failed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    exit: int = 1
    runtimes: tuple[str, ...] = ("docker",)

    @property
    def outcomes(self) -> dict[str, str]:
        """How the checks end that it touches, by code."""
        return {
            **dict.fromkeys(self.failed, "failed"),
            **dict.fromkeys(self.blocked, "blocked"),
            **dict.fromkeys(self.warned, "warning"),
        }


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
    said = {code: broken.checks[code]["found"] for code in broken.changed(whole)}
    assert broken.changed(whole) == fault.outcomes, said
    assert broken.exit == fault.exit, said
    for code in (*fault.failed, *fault.warned):
        assert broken.checks[code]["remedy"], code
    for code in fault.blocked:
        assert set(broken.checks[code]["blocked_by"]) <= {*fault.failed, *fault.warned}

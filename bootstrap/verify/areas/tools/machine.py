"""The machine itself against what the course asks for: system, disk, memory."""

from __future__ import annotations

from pathlib import Path

from bootstrap.host.docker_view import Container, Reach
from bootstrap.host.facts import free_by_filesystem, read_machine
from bootstrap.host.out_of_memory import Killed, killed
from bootstrap.preflight import Needs, Problem
from bootstrap.preflight import machine as preflight
from bootstrap.preflight.size import gib
from bootstrap.verify.check import Check, Finding, failed, passed, warning
from bootstrap.verify.engine import containers, reach
from bootstrap.verify.subject import Subject

NEEDED_SHARE = 0.1
"""Of the disk that the course asks for before an install, what has to be left after it: less does
not hold the next image or the data of a lesson."""

COMFORTABLE_SHARE = 0.3
"""Below this share, work goes on, and the next update may not find room."""

LARGE = "du -xh --max-depth=2 {folder} 2>/dev/null | sort -h | tail"


def _problems(needs: Needs) -> dict[str, Problem]:
    """What preflight says about the machine for these needs, by code."""
    return {problem.code: problem for problem in preflight.check(needs)}


def _system(subject: Subject) -> Finding:
    requirements, machine = subject.course.requirements, read_machine()
    needs = Needs(
        machine,
        systems=dict(requirements.os),
        arches=tuple(requirements.arch),
        glibc=requirements.glibc,
    )
    problems = sorted(_problems(needs).values(), key=lambda problem: not problem.fatal)
    if not problems:
        return passed(f"{machine.pretty_name}, {machine.arch}, glibc {machine.glibc}")
    first, said = problems[0], "; ".join(problem.what for problem in problems)
    wanted = "a system that the course is tested on"
    make = failed if first.fatal else warning
    return make(said, wanted=wanted, remedy=first.remedy)


def _disk(subject: Subject) -> Finding:
    asked = int(subject.course.requirements.disk)
    view = subject.view
    folders = {"system": Path("/"), "your files": view.paths.data}
    if subject.runtime.name == "docker" and reach(subject) is Reach.ANSWERS:
        root = view.engine.data_root()
        if root.exists():  # one of a remote engine is not of this machine
            folders["images"] = root
    fullest, free, _ = min(free_by_filesystem(folders).values(), key=lambda found: found[1])
    remedy = f"{LARGE.format(folder=fullest)}  # what is large"
    if free < asked * NEEDED_SHARE:
        wanted = f"{gib(int(asked * NEEDED_SHARE))} free"
        return failed(f"{gib(free)} free at {fullest}", wanted=wanted, remedy=remedy)
    if free < asked * COMFORTABLE_SHARE:
        wanted = f"{gib(int(asked * COMFORTABLE_SHARE))} free, so that an update finds room"
        remedy = f"mlops-bootstrap gc; {remedy}"
        return warning(f"{gib(free)} free at {fullest}", wanted=wanted, remedy=remedy)
    return passed(f"{gib(free)} free at {fullest}")


def _memory(subject: Subject) -> Finding:
    machine, asked = read_machine(), int(subject.course.requirements.memory)
    problems = _problems(Needs(machine, memory_bytes=asked))
    if problem := problems.get("E-MEMORY"):
        wanted = f"{gib(asked)} of memory"
        return failed(problem.what, wanted=wanted, remedy=problem.remedy)
    if problem := problems.get("W-MEMORY"):
        wanted = f"{gib(preflight.COMFORTABLE_MEMORY)} of memory"
        return warning(problem.what, wanted=wanted, remedy=problem.remedy)
    return passed(gib(machine.memory_bytes))


def _swap(subject: Subject) -> Finding:
    machine, asked = read_machine(), int(subject.course.requirements.memory)
    if problem := _problems(Needs(machine, memory_bytes=asked)).get("W-SWAP"):
        return warning(problem.what, wanted="some swap", remedy=problem.remedy)
    if machine.swap_bytes:
        return passed(gib(machine.swap_bytes))
    return passed(f"none, beside {gib(machine.memory_bytes)} of memory")


def _out_of_memory(subject: Subject) -> Finding:
    there: tuple[Container, ...] = ()
    if subject.runtime.name == "docker" and reach(subject) is Reach.ANSWERS:
        there = containers(subject)
    services = [container.service for container in there if container.killed]
    return judged_kills(killed([container.id for container in there]), services)


def judged_kills(found: Killed, services: list[str]) -> Finding:
    """What to say of programs that were ended, and of services that lost a process so."""
    names = dict.fromkeys([*(f"the service {name}" for name in services), *found.names])
    said = ", ".join(names)
    if not said and found.number:
        said = f"{found.number} programs; `sudo dmesg | grep -i 'killed process'` names them"
    if not said:
        return passed("nothing since the machine started")
    return warning(
        f"ended since the machine started: {said}",
        wanted="enough memory for what runs",
        remedy="close notebooks that are not needed, work on fewer months of data, or add swap:"
        f" {preflight.ADD_SWAP}",
    )


CHECKS = (
    Check("tools.system", "The course is tested on this system", _system, of_machine=True),
    Check("tools.disk", "The disk has room", _disk, of_machine=True),
    Check("tools.memory", "There is enough memory", _memory, of_machine=True),
    Check("tools.swap", "There is swap where memory is short", _swap, of_machine=True),
    Check("tools.out-of-memory", "No program was ended for lack of memory", _out_of_memory),
)

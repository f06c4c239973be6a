"""Name lookup, proxy, hosts and the clock: one quick question to each host, all at once."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from bootstrap.host.network import Answer, head, hidden, proxy_answers, proxy_for, resolve
from bootstrap.preflight.needs import Needs
from bootstrap.preflight.problem import Problem

LOOKUP_DEADLINE = 1.2
ANSWER_DEADLINE = 2.2
"""Seconds; a host costs at most both, and all of preflight stays below 4."""

CLOCK_TOLERANCE = 120.0
"""Seconds: past this, signed package lists and short-lived tokens begin to be refused."""

ELSEWHERE = "check the network, or use a mirror: --source URL"
SET_CLOCK = "set the clock: sudo timedatectl set-ntp true (or sudo date -s '...')"

NOT_ASKED = Answer()


@dataclass(frozen=True, slots=True)
class _Finding:
    """What asking one host came to. lookup and proxy hold an error, or nothing."""

    host: str
    titles: tuple[str, ...]
    answer: Answer = NOT_ASKED
    lookup: str = ""
    proxy: str = ""


def check(needs: Needs) -> tuple[Problem, ...]:
    """Find what will not be reachable, and whether the clock is off."""
    asked = _by_place(needs.hosts)
    if not asked:
        return ()
    with ThreadPoolExecutor(len(asked)) as pool:
        findings = tuple(
            pool.map(lambda at: _ask(at[0], at[1], needs), asked)  # every part of it has a deadline
        )
    return (*_proxies(findings), *_lookups(findings), *_hosts(findings), *_clock(findings))


def _by_place(hosts: Iterable[tuple[str, str]]) -> list[tuple[str, tuple[str, ...]]]:
    """One URL for each server that is asked, with the steps that need it."""
    urls: dict[tuple[str, str], str] = {}
    titles: dict[tuple[str, str], dict[str, None]] = {}
    for title, url in hosts:
        parts = urlsplit(url)
        if parts.hostname:
            place = (parts.scheme, parts.netloc)
            urls.setdefault(place, url)
            titles.setdefault(place, {})[title] = None
    return [(url, tuple(titles[place])) for place, url in urls.items()]


def _ask(url: str, titles: tuple[str, ...], needs: Needs) -> _Finding:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    web = parts.scheme in {"http", "https"}
    proxy = proxy_for(url, needs.environ) if web else None
    if proxy is not None:
        dead = proxy_answers(proxy, LOOKUP_DEADLINE)
        if dead:
            return _Finding(host, titles, proxy=f"{hidden(proxy)} does not answer: {dead}")
    elif unknown := resolve(parts.hostname or "", LOOKUP_DEADLINE):
        return _Finding(host, titles, lookup=unknown)
    answer = head(url, needs.environ, ANSWER_DEADLINE) if web else NOT_ASKED
    if proxy is not None and answer.proxy:
        said = f"{hidden(proxy)} refuses to pass on to {host}: {answer.error}"
        return _Finding(host, titles, proxy=said)
    return _Finding(host, titles, answer)


def _grouped(said: Iterable[tuple[str, _Finding]]) -> dict[str, list[_Finding]]:
    """Findings by what is wrong with them; those without it are left out."""
    found: dict[str, list[_Finding]] = {}
    for what, finding in said:
        if what:
            found.setdefault(what, []).append(finding)
    return found


def _proxies(findings: Sequence[_Finding]) -> list[Problem]:
    variables = "http_proxy, https_proxy, all_proxy and no_proxy"
    found = _grouped((finding.proxy, finding) for finding in findings)
    return [
        Problem(
            "E-PROXY",
            f"the proxy {said}",
            where=_steps(group),
            remedy=f"correct {variables} in the environment, or {ELSEWHERE}",
        )
        for said, group in found.items()
    ]


def _lookups(findings: Sequence[_Finding]) -> list[Problem]:
    """One problem for each reason: without a network it is the same for every host."""
    found = _grouped((finding.lookup, finding) for finding in findings)
    return [
        Problem(
            "E-DNS",
            f"the name lookup fails for {', '.join(f.host for f in group)}: {why}",
            where=_steps(group),
            remedy=ELSEWHERE,
        )
        for why, group in found.items()
    ]


def _hosts(findings: Sequence[_Finding]) -> list[Problem]:
    return [
        Problem(
            "E-HOST-UNREACHABLE",
            f"{finding.host} does not answer: {finding.answer.error}",
            where=_steps([finding]),
            remedy=ELSEWHERE,
        )
        for finding in findings
        if finding.answer.error and not finding.answer.clock_suspected
    ]


def _clock(findings: Sequence[_Finding]) -> list[Problem]:
    """One host may be wrong about the time; so the one that is nearest to us counts."""
    offsets = [f.answer.clock_offset for f in findings if f.answer.clock_offset is not None]
    nearest = min(offsets, key=abs, default=0.0)
    if abs(nearest) > CLOCK_TOLERANCE:
        way = "ahead of" if nearest > 0 else "behind"
        what = f"the clock of this machine is {_duration(abs(nearest))} {way} the time of the hosts"
        return [Problem("E-CLOCK", what, where="date", remedy=SET_CLOCK)]
    suspected = [f for f in findings if f.answer.clock_suspected]
    if not suspected:
        return []
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    what = (
        f"by the clock of this machine ({now}) the certificate of "
        f"{', '.join(f.host for f in suspected)} is out of date: {suspected[0].answer.error}"
    )
    remedy = f"if that is not the time, {SET_CLOCK}; if it is, {ELSEWHERE}"
    return [Problem("E-CLOCK", what, where=_steps(suspected), remedy=remedy)]


def _duration(seconds: float) -> str:
    """The two largest units of a time: `3 d 4 h`, `7 min 5 s`."""
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    left, parts = int(seconds), list[str]()
    for name, size in units:
        if left >= size or parts:
            parts.append(f"{left // size} {name}")
            left %= size
    return " ".join(parts[:2])


def _steps(findings: Iterable[_Finding]) -> str:
    return ", ".join(dict.fromkeys(title for f in findings for title in f.titles))

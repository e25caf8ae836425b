"""What captures have in common: each rule, server and device over all of them.

Everything here can be worked out of the analysis document; how it is laid out is the concern of
``across_text`` and the formats. Nothing grows with exchanges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mdmcore.report.identity import who_of
from mdmcore.report.model import FindingRow, LifeRow, PlaceRow
from mdmcore.report.outcome import Outcome
from mdmcore.report.spool import ExchangeFacts, ExchangeLines, facts_of
from mdmcore.report.text import plural
from mdmcore.rules import Severity

MAX_EXAMPLES = 3
"""Places of a rule that are named."""

MAX_SERVERS = 1000
"""Servers that are counted; a capture may name any number of hosts."""

_FOREIGN = frozenset({"other", "mark", "tls"})
"""Kinds of exchanges that do not make a host an MDM server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAcross:
    """A rule; ``severity`` is the gravest that it has, ``example`` a finding that has it.
    ``places`` are some of its places, of different captures as far as there are any."""

    rule: str
    severity: Severity
    captures: tuple[str, ...]
    servers: tuple[str, ...]
    lives: int
    count: int
    example: FindingRow
    places: tuple[PlaceRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAcross:
    """A server, by host and port. ``findings`` counts those that were seen with it."""

    server: str
    captures: tuple[str, ...]
    exchanges: int
    lives: int
    findings: Mapping[Severity, int]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAcross:
    """A device or user, by what tells it (``identity``), over all its lives."""

    who: str
    captures: tuple[str, ...]
    lives: tuple[LifeRow, ...]
    findings: Mapping[Severity, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Across:
    """All of it; each the gravest first. ``unread`` are captures that were not read to their
    end."""

    captures: int
    rules: tuple[RuleAcross, ...]
    servers: tuple[ServerAcross, ...]
    devices: tuple[DeviceAcross, ...]
    unread: tuple[str, ...]


@dataclass(slots=True)
class _Server:
    captures: dict[str, None] = field(default_factory=dict)
    lives: set[str] = field(default_factory=set)
    findings: Counter[Severity] = field(default_factory=Counter)
    rules: dict[str, None] = field(default_factory=dict)
    exchanges: int = 0
    is_mdm: bool = False


def across(outcome: Outcome, lines: ExchangeLines) -> Across:
    """What the captures of an outcome have in common; goes through its exchanges once."""
    places = {place.exchange for finding in outcome.findings for place in finding.places}
    lives = {part: life.id for life in outcome.lives for part in life.parts}
    servers: dict[str, _Server] = {}
    seen: dict[str, ExchangeFacts] = {}
    captures_of: dict[str, dict[str, None]] = {}
    for facts in facts_of(lines):
        if facts.id in places:
            seen[facts.id] = facts
        life = lives.get(facts.life or "")
        if life is not None:
            captures_of.setdefault(life, {})[capture_of(facts.id)] = None
        _count_server(servers, facts, life)
    _count_findings(servers, outcome.findings, seen)
    return Across(
        captures=len(outcome.captures),
        rules=tuple(_rules(outcome, seen)),
        servers=tuple(_servers(servers)),
        devices=tuple(_devices(outcome, captures_of)),
        unread=tuple(capture.path for capture in outcome.captures if capture.errors),
    )


def in_captures(captures: Sequence[str], total: int) -> str:
    """In how many captures something is, of all."""
    return f"in {len(captures)} of {plural(total, 'capture')}"


def capture_of(exchange_id: str) -> str:
    """The capture of an exchange: its id is ``<capture>:<index>``."""
    return exchange_id.rpartition(":")[0]


def _count_server(servers: dict[str, _Server], facts: ExchangeFacts, life: str | None) -> None:
    if not facts.host or (facts.host not in servers and len(servers) >= MAX_SERVERS):
        return
    server = servers.setdefault(facts.host, _Server())
    server.exchanges += 1
    server.captures[capture_of(facts.id)] = None
    server.is_mdm = server.is_mdm or facts.kind not in _FOREIGN
    if life is not None:
        server.lives.add(life)


def _count_findings(
    servers: Mapping[str, _Server],
    findings: Iterable[FindingRow],
    seen: Mapping[str, ExchangeFacts],
) -> None:
    for finding in findings:
        for host in _hosts(finding, seen):
            if host in servers:
                servers[host].findings[Severity(finding.severity)] += 1
                servers[host].rules[finding.rule] = None


def _hosts(finding: FindingRow, seen: Mapping[str, ExchangeFacts]) -> dict[str, None]:
    facts = (seen.get(place.exchange) for place in finding.places)
    return {one.host: None for one in facts if one is not None and one.host}


def _rules(outcome: Outcome, seen: Mapping[str, ExchangeFacts]) -> list[RuleAcross]:
    by_rule: dict[str, list[FindingRow]] = {}
    for finding in outcome.findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    found = [_rule(rule, findings, seen, outcome) for rule, findings in by_rule.items()]
    return sorted(found, key=lambda one: (-one.severity.rank, -len(one.captures), one.rule))


def _rule(
    rule: str, findings: list[FindingRow], seen: Mapping[str, ExchangeFacts], outcome: Outcome
) -> RuleAcross:
    example = findings[0]  # they come the gravest first
    places = tuple(place for finding in findings for place in finding.places)
    first_of = {capture_of(place.exchange): place for place in reversed(places)}
    named = dict.fromkeys(capture_of(place.exchange) for place in places)
    chosen = [first_of[name] for name in list(named)[:MAX_EXAMPLES]]
    chosen += [place for place in places[:MAX_EXAMPLES] if place not in chosen]
    spoken = (outcome.seen_in.get((rule, one.life), ()) for one in findings)
    captures = tuple(named | dict.fromkeys(name for names in spoken for name in names))
    hosts = {host: None for finding in findings for host in _hosts(finding, seen)}
    return RuleAcross(
        rule=rule,
        severity=Severity(example.severity),
        captures=captures,
        servers=tuple(hosts),
        lives=len({finding.life for finding in findings if finding.life is not None}),
        count=sum(finding.count for finding in findings),
        example=example,
        places=tuple(chosen[:MAX_EXAMPLES]),
    )


def _servers(servers: Mapping[str, _Server]) -> list[ServerAcross]:
    found = [
        ServerAcross(
            server=host,
            captures=tuple(one.captures),
            exchanges=one.exchanges,
            lives=len(one.lives),
            findings=dict(one.findings),
            rules=tuple(one.rules),
        )
        for host, one in servers.items()
        if one.is_mdm or one.findings
    ]
    return sorted(found, key=lambda one: (_grave(one.findings), -len(one.captures), one.server))


def _devices(outcome: Outcome, captures_of: Mapping[str, dict[str, None]]) -> list[DeviceAcross]:
    by_who: dict[str, list[LifeRow]] = {}
    for life in outcome.lives:
        by_who.setdefault(who_of(life.device), []).append(life)
    counts: dict[str | None, Counter[Severity]] = {}
    for finding in outcome.findings:
        counts.setdefault(finding.life, Counter())[Severity(finding.severity)] += 1
    found = []
    for who, lives in by_who.items():
        together: Counter[Severity] = Counter()
        for life in lives:
            together += counts.get(life.id, Counter())
        captures = {name: None for life in lives for name in captures_of.get(life.id, ())}
        found.append(
            DeviceAcross(
                who=who, captures=tuple(captures), lives=tuple(lives), findings=dict(together)
            )
        )
    return sorted(found, key=lambda one: (_grave(one.findings), -len(one.captures), one.who))


def _grave(findings: Mapping[Severity, int]) -> tuple[int, int, int]:
    """The most errors first, then warnings, then infos."""
    errors, warnings, infos = (
        -findings.get(one, 0) for one in (Severity.ERROR, Severity.WARNING, Severity.INFO)
    )
    return errors, warnings, infos

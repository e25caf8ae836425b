"""How the answers of a server under test differ from the captured ones.

The comparison is that of two lives (``mdmcore.report.diff``), of what the servers say alone: the
device's side was written by us. Steps that the replay did not take, and those that the capture has
no answer to, are not compared; where the replay stopped is a difference of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from msgspec.structs import replace as with_fields

from mdmcore.replay.device import Replayed
from mdmcore.replay.drive import Stop
from mdmcore.report.diff import DiffDocument, Difference, GatheredLife, compare_lives
from mdmcore.report.diff.facts import Fact, Names
from mdmcore.report.diff.gather import Step
from mdmcore.rules import Finding
from mdmcore.rules.decoded import Kind

NOT_SENT = "not sent"
_REQUEST = (
    *("method", "URL", "query ", "request ", "user is proven by", "CSR:", "device: ", "appru"),
    *("TLS ", "answer header Connection", "answer header Keep-Alive"),
)
"""What the device's facts begin with, and those of one connection alone."""
_ENCODING = (
    *("body", "charset", "answer body", "answer charset", "server: body", "server: charset"),
    "answer header Content-Type",
)
_ANSWERED = frozenset({"response", "document", "certificate"})
_OF_TIME = frozenset({"answer-slow"})
"""Rules that speak of how long something took."""
_BEHIND = frozenset({"findings", "outcome"})


def compare_answers(
    captured: GatheredLife,
    new: GatheredLife,
    replayed: Replayed,
    *,
    any_encoding: bool = False,
) -> DiffDocument:
    """The differences of what both servers answered; ``any_encoding``: XML or WBXML is the same."""
    hosts = replayed.hosts
    ignored = _REQUEST + (_ENCODING if any_encoding else ())
    left_out = replayed.unsent | frozenset(_unanswered(captured))
    pairs = {new_id: old for old, new_id in replayed.pairs}
    unpaired = {one for one, old in pairs.items() if old in left_out}
    old_hosts, new_hosts = _Hosts(hosts, captured), _Hosts(hosts, new)
    steps = [one for one in captured.steps if one.exchange not in left_out]
    own_names = _names(captured.steps)
    named = [_named(step, pairs, own_names) for step in new.steps if step.exchange not in unpaired]
    a = replace(
        captured,
        steps=tuple(_answers(one, ignored, old_hosts) for one in steps),
        findings=_of_answers(captured.findings),
    )
    b = replace(
        new,
        steps=tuple(_answers(one, ignored, new_hosts) for one in _numbered(named)),
        findings=_of_answers(new.findings),
    )
    found = compare_lives(a, b)
    differences = list(found.differences)
    for stop in replayed.stops:
        differences.insert(_behind(differences, stop.step), _stopped(stop))
    return with_fields(found, differences=tuple(differences))


def _behind(differences: list[Difference], step: str) -> int:
    """The place behind what else is said of that step, before what was found and how it ended."""
    own = [at for at, one in enumerate(differences) if one.step.partition(",")[0] == step]
    if own:
        return own[-1] + 1
    last = (at for at, one in enumerate(differences) if one.step in _BEHIND)
    return next(last, len(differences))


def unanswered(captured: GatheredLife) -> int:
    """How many requests of the capture have no answer in it that could be compared."""
    return sum(1 for _ in _unanswered(captured))


def _unanswered(captured: GatheredLife) -> Iterator[str]:
    for scene in captured.scenes:
        response, kind = scene.exchange.response, scene.decoded.kind
        if (
            kind in (Kind.TLS, Kind.MARK)
            or response is None
            or (response.body is None and kind is not Kind.HUB)
        ):
            yield scene.exchange.id


def _stopped(stop: Stop) -> Difference:
    number = len(stop.unsent)
    return Difference(
        step=stop.step,
        what=NOT_SENT,
        kind="different",
        a=f"{number} request{'' if number == 1 else 's'} more" if number else "goes on",
        b=stop.cause,
        a_exchange=stop.exchange,
    )


def _names(steps: Iterable[Step]) -> Mapping[str, list[str]]:
    """The names of the steps of each exchange: its own, and that of its document."""
    names: dict[str, list[str]] = {}
    for one in steps:
        names.setdefault(one.exchange, []).append(one.name)
    return names


def _named(step: Step, pairs: Mapping[str, str], names: Mapping[str, list[str]]) -> Step:
    """The step by the name that its captured counterpart has; further ones are called so."""
    old = pairs.get(step.exchange)
    if old is None:
        return replace(step, name=f"{step.name.partition(',')[0]}, further message")
    is_document = step.name.startswith("provisioning document")
    known = [
        name
        for name in names.get(old, ())
        if name.startswith("provisioning document") == is_document
    ]
    return replace(step, name=known[0]) if known else step


def _numbered(steps: Iterable[Step]) -> Iterator[Step]:
    """Each step with a name of its own."""
    seen: dict[str, int] = {}
    for one in steps:
        seen[one.name] = seen.get(one.name, 0) + 1
        number = seen[one.name]
        yield one if number == 1 else replace(one, name=f"{one.name} {number}")


class _Hosts:
    """Hosts of the captured server and those in their place, by one word for what is the same."""

    def __init__(self, pairs: Iterable[tuple[str, str]], life: GatheredLife) -> None:
        names = Names(life.life)
        self._words: dict[str, str] = {}
        for number, hosts in enumerate(_alike(pairs), start=1):
            for host in sorted(hosts):
                for form in (host, names.key(host)):
                    self._words.setdefault(form, f"{{server {number}}}")
        forms = sorted(self._words, key=len, reverse=True)
        ends = r"(?![A-Za-z0-9.\-:])"
        pattern = "|".join(map(re.escape, forms))
        self._pattern = re.compile(rf"(?<=//)(?:{pattern}){ends}", re.I) if forms else None

    def fact(self, fact: Fact) -> Fact:
        """The fact with such words for the hosts in its key."""
        if self._pattern is None:
            return fact
        return replace(fact, key=self._pattern.sub(self._word, fact.key))

    def _word(self, found: re.Match[str]) -> str:
        text = found[0]
        return self._words.get(text) or self._words.get(text.lower(), text)


def _alike(pairs: Iterable[tuple[str, str]]) -> list[set[str]]:
    """The hosts that stand for each other."""
    groups: list[set[str]] = []
    for pair in pairs:
        joined = set(pair).union(*(one for one in groups if not one.isdisjoint(pair)))
        groups = [one for one in groups if one.isdisjoint(pair)] + [joined]
    return groups


def _answers(step: Step, ignored: tuple[str, ...], hosts: _Hosts) -> Step:
    facts = (hosts.fact(one) for one in step.facts if not one.what.startswith(ignored))
    return replace(step, facts=tuple(facts))


def _of_answers(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What was found in answers; what is to say of the device's own messages is ours."""
    return tuple(
        one
        for one in findings
        if one.rule not in _OF_TIME
        and any(place.where.get("part") in _ANSWERED for place in one.places)
    )

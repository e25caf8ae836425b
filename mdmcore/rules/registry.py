"""The registry: which function decides which rule, and running them over a scene.

A rule is one function; its docstring is what people read (cause, consequence, remedy). Severity,
effect, fix and sources come from the catalogue entry of the same id.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from mdmcore.connection import Connection
from mdmcore.http import Exchange, Request
from mdmcore.observation import Observation
from mdmcore.rules.catalogue import CatalogueEntry, entry
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.life import Life
from mdmcore.rules.model import Hit, Severity
from mdmcore.rules.scene import Scene

type Check = Callable[[Scene], Iterator[Hit]]
type ObservationCheck = Callable[[Scene, Observation], Iterator[Hit]]
type ConnectionCheck = Callable[[Scene, Connection], Iterator[Hit]]
type Cap = Callable[[Life], Severity | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A registered rule. ``cap`` lowers the severity by what is known of the life: it is asked
    when the rule speaks and again when findings are gathered. ``floor`` raises it in the same way,
    where the rule speaks for the profile at all. ``kinds``: exchanges it looks at.
    ``is_about_silence``: it is asked, too, about a life of which nothing more has come.
    ``is_about_device``: it looks at what a device itself tells, where no other rule has a say.
    """

    id: str
    check: Check
    cap: Cap | None
    floor: Cap | None
    kinds: frozenset[Kind]
    is_about_silence: bool = False
    is_about_device: bool = False

    @property
    def text(self) -> str:
        """What people read about the rule: cause, consequence, remedy."""
        return " ".join((self.check.__doc__ or "").split())

    @property
    def entry(self) -> CatalogueEntry:
        """Its catalogue entry."""
        return entry(self.id)

    def severity(self, profile: str, life: Life) -> Severity:
        """The catalogue's letter for the profile, lowered or raised as the life's facts say."""
        severity = self.entry.severity(profile)
        if severity is not Severity.NONE and self.floor is not None:
            severity = severity.at_least(self.floor(life))
        return severity.at_most(self.cap(life)) if self.cap is not None else severity


RULES: dict[str, Rule] = {}
"""Every registered rule by id, in the order of registration (phase by phase)."""

ALL_KINDS = frozenset(Kind)


def rule(
    rule_id: str,
    *,
    kinds: Iterable[Kind] = ALL_KINDS,
    cap: Cap | None = None,
    floor: Cap | None = None,
    is_about_silence: bool = False,
    is_about_device: bool = False,
) -> Callable[[Check], Check]:
    """Register the decorated function as the rule of that id."""

    def register(check: Check) -> Check:
        if rule_id in RULES:
            raise ValueError(f"rule {rule_id} is registered twice")
        RULES[rule_id] = Rule(
            id=rule_id,
            check=check,
            cap=cap,
            floor=floor,
            kinds=frozenset(kinds),
            is_about_silence=is_about_silence,
            is_about_device=is_about_device,
        )
        return check

    return register


def connection_rule(rule_id: str) -> Callable[[ConnectionCheck], ConnectionCheck]:
    """Register the decorated function as a rule on connections, not on what passes over them."""

    def register(check: ConnectionCheck) -> ConnectionCheck:
        @functools.wraps(check)
        def judge(scene: Scene) -> Iterator[Hit]:
            if scene.exchange.connection is not None:
                yield from check(scene, scene.exchange.connection)

        rule(rule_id, kinds={Kind.TLS})(judge)
        return check

    return register


def observation_rule(rule_id: str) -> Callable[[ObservationCheck], ObservationCheck]:
    """Register the decorated function as a rule on what a device itself tells."""

    def register(check: ObservationCheck) -> ObservationCheck:
        @functools.wraps(check)
        def judge(scene: Scene) -> Iterator[Hit]:
            if scene.exchange.observation is not None:
                yield from check(scene, scene.exchange.observation)

        rule(rule_id, kinds={Kind.OTHER}, is_about_device=True)(judge)
        return check

    return register


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcry:
    """One rule's hits in one scene, with the severity it has there."""

    rule: Rule
    severity: Severity
    hits: tuple[Hit, ...]


def gravest(hits: Iterable[Hit]) -> Severity | None:
    """The gravest severity that hits have of their own; ``None`` where none has one."""
    own = [hit.severity for hit in hits if hit.severity is not None]
    return max(own, key=lambda severity: severity.rank, default=None)


def run_rules(scene: Scene) -> tuple[Outcry, ...]:
    """All rules that speak in this scene; a rule whose severity is none stays silent."""
    kind, exchange = scene.decoded.kind, scene.exchange
    is_told = exchange.observation is not None
    return _run(
        (
            item
            for item in RULES.values()
            if kind in item.kinds
            and item.is_about_device == is_told
            and not (exchange.is_bare and item.entry.phase in _ABOUT_HTTP)
        ),
        scene,
    )


_ABOUT_HTTP = frozenset({"tls-http", "transport-dm"})
"""The phases whose rules look at HTTP, of which messages alone tell nothing."""


def run_silent_rules(life: Life, now: datetime) -> tuple[Outcry, ...]:
    """The rules that speak about a life of which nothing has come until now. Their places are in
    the exchange of its enrolment."""
    nothing = Exchange(
        id=life.enrolled_in, index=0, capture="", request=Request(method="", url=""), started=now
    )
    scene = Scene(
        exchange=nothing,
        decoded=Decoded(kind=Kind.OTHER),
        life=life,
        before=life,
        profile=life.profile,
        now=now,
    )
    return _run((item for item in RULES.values() if item.is_about_silence), scene)


def _run(rules: Iterable[Rule], scene: Scene) -> tuple[Outcry, ...]:
    found: list[Outcry] = []
    for item in rules:
        severity = item.severity(scene.profile, scene.life)
        if severity is Severity.NONE:
            continue
        hits = tuple(item.check(scene))
        if hits:
            severity = severity.at_least(gravest(hits))
            found.append(Outcry(rule=item, severity=severity, hits=hits))
    return tuple(found)

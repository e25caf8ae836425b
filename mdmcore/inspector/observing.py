"""To which life belongs what a device itself tells: its event log, a report, pasted lines.

Its name, its user, its enrolment or its certificate tell, else the server's name, else the time.
What belongs to nobody that was seen is a life of its own; exchanges that are read later may still
turn out to be of the same device. Logs of this kind come from Windows 8.1 and later only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from mdmcore.http import Exchange, Request
from mdmcore.inspector.life_index import LifeIndex
from mdmcore.inspector.life_keys import life_key
from mdmcore.observation import Observation
from mdmcore.rules.decoded import Decoded
from mdmcore.rules.device_reports import code_title, ends_enrollment, failures
from mdmcore.rules.life import Life
from mdmcore.rules.told import Told

_NEAR = timedelta(minutes=10)
_SAME_DAY = timedelta(days=1)
_NETBIOS = 15
"""Letters of a computer's name that each place has: a NetBIOS name is cut there."""
_ENROLLED = 75
_SURE = 2
"""The weight of a name of the device or its user."""
_WITHOUT_LOGS = frozenset({"wp8", "wp81"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What recognises a device; each set is empty where nothing is known."""

    devices: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    enrollments: frozenset[str] = frozenset()
    thumbprints: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()

    def weight(self, other: Names) -> int:
        """How sure it is that both are one device: 0 for contradiction or nothing in common, 1 for
        the same server, 2 for a name of the device or its user."""
        if self.contradicts(other):
            return 0
        if any(mine & theirs for mine, theirs in self._pairs(other)):
            return _SURE
        return 1 if self.hosts & other.hosts else 0

    def contradicts(self, other: Names) -> bool:
        """Whether a name that both have differs."""
        return any(mine and theirs and not mine & theirs for mine, theirs in self._pairs(other))

    def _pairs(self, other: Names) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
        return (
            (self.devices, other.devices),
            (self.enrollments, other.enrollments),
            (self.thumbprints, other.thumbprints),
            (self.users, other.users),
        )


class ObservationFinder:
    """Finds the lives. Memory grows with lives that are known by observations only."""

    def __init__(self, index: LifeIndex, *, is_forced: bool) -> None:
        self._index = index
        self._is_forced = is_forced
        """The user has said which kind of device it is."""
        self._alone: dict[str, str] = {}
        """Lives of which no exchange was seen, and the capture that told of each first."""

    def join(self, exchange: Exchange, decoded: Decoded, stranger: Life) -> tuple[Life, Life]:
        """The life before an observation and after it."""
        told = exchange.observation
        assert told is not None
        found = self._found(exchange, told)
        if found is None:
            found = self._index.begin(stranger)
            if not self._is_forced:
                found = replace(found, profile="win10")
            found = replace(found, told=Told(is_alone=True))
            assert found.id is not None
            self._alone[found.id] = exchange.capture
        life = _after(found, exchange, told, decoded)
        self._index.put(life)
        for key in _keys(names_of(life)):
            self._index.add_key(key, life)
        return found, life

    def adopt(self, before: Life, life: Life) -> Life:
        """The life with those joined to it that were known by observations only, now that an
        exchange told more of its names."""
        if not self._alone or _is_other_kind(life):
            return life
        if before.id == life.id and names_of(life) == names_of(before):
            return life
        for other in self._alone_lives():
            if other.id != life.id and names_of(life).weight(names_of(other)) == _SURE:
                life = self._merge(life, other)
        return life

    def settle(self) -> None:
        """Join what is left to the only life at its server, or of its time, or there is."""
        for alone in self._alone_lives():
            names = names_of(alone)
            seen = [
                life
                for life in self._index.lives
                if not life.told.is_alone and not _is_other_kind(life)
            ]
            free = [life for life in seen if not names.contradicts(names_of(life))]
            near = [life for life in free if names.weight(names_of(life))] or free
            chosen = _only(near) if near is not free or len(seen) == 1 else None
            if chosen is not None and not _may_be_of_one_day(alone, chosen):
                chosen = None
            chosen = chosen or _by_time(alone, near)
            if chosen is not None:
                self._merge(chosen, alone)

    def _alone_lives(self) -> list[Life]:
        return [self._index.get(life_id) for life_id in self._alone]

    def _merge(self, kept: Life, gone: Life) -> Life:
        assert gone.id is not None
        self._alone.pop(gone.id, None)
        merged = self._index.merge(kept, gone)
        if not merged.is_profile_known and not self._is_forced:
            merged = replace(merged, profile=gone.profile)
            self._index.put(merged)
        for key in _keys(names_of(merged)):
            self._index.add_key(key, merged)
        return merged

    def _found(self, exchange: Exchange, told: Observation) -> Life | None:
        names = _names_of_told(told)
        candidates = {
            life.id: life for key in _keys(names) for life in self._index.with_key(key)
        }.values()
        by_name = _best(names, candidates, exchange.started)
        before = self._told_by(exchange.capture, names)
        if by_name is None or before is None or by_name.id == before.id:
            return by_name or before
        return (
            by_name
            if names_of(by_name).contradicts(names_of(before))
            else self._merge(by_name, before)
        )

    def _told_by(self, capture: str, names: Names) -> Life | None:
        """The life that the same capture told of before, unless it is another device's."""
        for life_id, first in reversed(self._alone.items()):
            life = self._index.get(life_id)
            if first == capture and not names.contradicts(names_of(life)):
                return life
        return None


def names_of(life: Life) -> Names:
    """The names that recognise a life."""
    told = life.told
    certificate = () if life.certificate is None else (life.certificate.thumbprint.upper(),)
    urls = (life.addr, life.enrollment_url, life.policy_url, *life.dm_urls)
    hosts = (life.discovery_host, *(Request(method="", url=url).host for url in urls if url))
    return Names(
        devices=frozenset(filter(None, map(short_name, (life.device_name, *told.devices)))),
        users=frozenset(name.lower() for name in (life.email, *told.users) if "@" in name),
        enrollments=frozenset(told.enrollments),
        thumbprints=frozenset((*certificate, *told.thumbprints)),
        hosts=frozenset(filter(None, (*hosts, *told.hosts))),
    )


def short_name(name: str) -> str:
    """A computer's name as all places have it: its first label, in lower case, 15 letters."""
    return name.partition(".")[0].strip().lower()[:_NETBIOS]


def _names_of_told(told: Observation) -> Names:
    return Names(
        devices=frozenset(filter(None, (short_name(told.device),))),
        users=frozenset(user.lower() for user in told.users),
        enrollments=frozenset(told.enrollments),
        thumbprints=frozenset(told.thumbprints),
        hosts=frozenset(told.hosts),
    )


def _keys(names: Names) -> list[str]:
    return [
        life_key(kind, name)
        for kind, values in (
            ("named", names.devices),
            ("person", names.users),
            ("enrollment-id", names.enrollments),
            ("thumbprint", names.thumbprints),
            ("server", names.hosts),
        )
        for name in sorted(values)
    ]


def name_keys(life: Life) -> list[str]:
    """The keys by which what a device tells leads to that life."""
    return _keys(names_of(life))


def _best(names: Names, lives: Iterable[Life], at: datetime | None) -> Life | None:
    """The life that shares most; of several the one of that time, else the last of the device's
    own, and none where they share the server alone."""
    weighed = [(names.weight(names_of(life)), life) for life in lives if not _is_other_kind(life)]
    most = max((weight for weight, _ in weighed), default=0)
    if most == 0:
        return None
    best = [life for weight, life in weighed if weight == most]
    if len(best) == 1:
        return best[0]
    near = [life for life in best if _holds(life, at, _NEAR)]
    if len(near) == 1:
        return near[0]
    return best[-1] if most == _SURE else None


def _by_time(alone: Life, lives: Iterable[Life]) -> Life | None:
    return _only(
        [
            life
            for life in lives
            if _holds(life, alone.first, _NEAR) or _holds(life, alone.last, _NEAR)
        ]
    )


def _only(lives: list[Life]) -> Life | None:
    return lives[0] if len(lives) == 1 else None


def _holds(life: Life, at: datetime | None, margin: timedelta) -> bool:
    if at is None or life.first is None or life.last is None:
        return False
    return life.first - margin <= at <= life.last + margin


def _may_be_of_one_day(alone: Life, life: Life) -> bool:
    if alone.first is None or alone.last is None or life.first is None or life.last is None:
        return True
    return alone.first - _SAME_DAY <= life.last and life.first <= alone.last + _SAME_DAY


def _is_other_kind(life: Life) -> bool:
    """Whether that device keeps no such log."""
    return life.is_profile_known and life.profile in _WITHOUT_LOGS and not life.told.is_alone


def _after(life: Life, exchange: Exchange, told: Observation, decoded: Decoded) -> Life:
    times = [time for time in (life.first, life.last, exchange.started) if time is not None]
    failed = failures(decoded.codes)
    facts = {"name": told.device, "user": ", ".join(told.users), **told.facts}
    failure = f"{told.title}: {code_title(failed[-1])}" if failed else ""
    is_end = ends_enrollment(told, failed)
    stop = "" if told.event == _ENROLLED else failure if is_end else life.stop
    return replace(
        life,
        stop=stop if life.told.is_alone else life.stop,
        exchanges=life.exchanges + 1,
        first=min(times, default=None),
        last=max(times, default=None),
        told=life.told.joined(
            Told(
                devices=(told.device,) if told.device else (),
                users=told.users,
                hosts=told.hosts,
                enrollments=told.enrollments,
                thumbprints=told.thumbprints,
                facts=MappingProxyType({name: text for name, text in facts.items() if text}),
                failure=failure,
                is_alone=life.told.is_alone,
            )
        ),
    )

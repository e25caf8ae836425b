"""The inspector: an exchange in, its kind, summary, findings and decoded parts out.

One inspector serves live traffic and captures. It never raises for what was sent; its memory
grows with lives and distinct findings, not with exchanges. It is not thread-safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from mdmcore.connection import Connection, connection_fields
from mdmcore.enrollment.aetx import Aetx
from mdmcore.errors import ConfigError
from mdmcore.http import Exchange, connection_exchange
from mdmcore.inspector.correlate import Correlator
from mdmcore.inspector.decode import decode
from mdmcore.inspector.describe import describe, describe_sent_certificate
from mdmcore.inspector.describe_observation import describe_observation
from mdmcore.inspector.findings import FindingStore, findings_of, shown_finding
from mdmcore.inspector.known_secrets import NO_SECRETS, SecretsFile
from mdmcore.inspector.masking import Mask
from mdmcore.inspector.packages import Packages
from mdmcore.inspector.revocation_lists import RevocationLists
from mdmcore.inspector.summary import summarize
from mdmcore.rules import PROFILES, Finding, run_rules, run_silent_rules
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.greetings import MAX_FORMS, MAX_GREETINGS, form_of, greeting_of
from mdmcore.rules.life import DmSession, Greeting, Life
from mdmcore.rules.overrides import NO_OVERRIDES, Overrides
from mdmcore.rules.registry import Outcry
from mdmcore.rules.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What is to say about one exchange.

    ``life`` is the id at this time, ``None`` for an exchange of no device; ``Inspector.lives``
    tells which ids turned out to be one. ``url`` is that of the request, its secrets masked as in
    all the rest. ``decoded`` has plain JSON types only. ``session`` is that
    of a DM message, as it stands after it.
    """

    id: str
    kind: Kind
    url: str
    summary: str
    life: str | None
    findings: tuple[Finding, ...]
    decoded: Mapping[str, Any]
    session: DmSession | None = None


class Inspector:
    """Inspects exchanges in the order of their answers; ``profile`` is ``auto`` or forced.

    ``aetx`` is the enterprise's file, if it is known: tokens that are handed out are compared
    with it. ``overrides``: what the user wants otherwise than the catalogue says.
    ``secrets``: what the user knows of DM accounts whose enrolment is not seen.
    ``life_prefix`` stands before the numbers of lives, where several inspectors are told of
    together: ``life-2.1``.
    """

    def __init__(
        self,
        profile: str = "auto",
        *,
        show_secrets: bool = False,
        aetx: Aetx | None = None,
        overrides: Overrides = NO_OVERRIDES,
        secrets: SecretsFile = NO_SECRETS,
        life_prefix: str = "",
    ) -> None:
        if profile != "auto" and profile not in PROFILES:
            raise ConfigError(f"unknown profile {profile!r}, use auto, {', '.join(PROFILES)}")
        self._correlator = Correlator(profile, secrets=secrets, life_prefix=life_prefix)
        self._findings = FindingStore()
        self._mask = Mask(show_secrets=show_secrets)
        self._nonce_owners: dict[str, str] = {}
        self._subject_owners: dict[str, str] = {}
        self._greetings: dict[tuple[str, str, str], tuple[Greeting, ...]] = {}
        self._packages = Packages()
        self._lists = RevocationLists()
        self._aetx = aetx
        self._overrides = overrides
        self._latest: datetime | None = None
        self._watcher: Callable[[Scene], None] | None = None

    def watch(self, watcher: Callable[[Scene], None]) -> None:
        """Let somebody see each exchange as the rules do, once they have judged it."""
        self._watcher = watcher

    def tell_time(self, now: datetime) -> None:
        """It is that time now: what has not come until then is missed. Without it the latest
        exchange is the end of what is known."""
        if self._latest is None or now > self._latest:
            self._latest = now

    def is_package(self, exchange: Exchange) -> bool:
        """Whether the answer, of which no more than the head need be there, is a package of the
        Company Hub or a part of one."""
        url = exchange.request.url
        decoded = decode(
            exchange,
            is_store_uri=self._correlator.knows_store_uri(url),
            told=self._correlator.told(url),
        )
        return decoded.kind is Kind.HUB

    def inspect(self, exchange: Exchange) -> Inspection:
        """Decode, correlate and judge one exchange."""
        # A log of the device may go on long after the capture of its traffic has ended.
        if exchange.started is not None and exchange.observation is None:
            self.tell_time(exchange.started)
        url = exchange.request.url
        decoded = decode(
            exchange,
            is_store_uri=self._correlator.knows_store_uri(url),
            told=self._correlator.told(url),
        )
        before, result = self._correlator.join(exchange, decoded)
        self._lists.note(exchange, decoded.kind, is_named=self._correlator.knows_list(url))
        life = self._lists.told(result.life)
        package_before, package_told = self._packages.next(exchange, decoded)
        scene = Scene(
            exchange=exchange,
            decoded=decoded,
            life=life,
            before=before,
            profile=life.profile,
            device_cred=result.device_cred,
            server_cred=result.server_cred,
            nonce_owners=MappingProxyType(self._nonce_owners),
            subject_owners=MappingProxyType(self._subject_owners),
            greetings=MappingProxyType(self._greetings),
            aetx=self._aetx,
            package_before=package_before,
            package_told=package_told,
        )
        outcries = run_rules(scene)
        self._findings.add(outcries, life, step=decoded.kind)
        self._remember_issued(decoded, life)
        self._remember_greeting(scene)
        if self._watcher is not None:
            self._watcher(scene)
        return Inspection(
            id=exchange.id,
            kind=decoded.kind,
            url=self._mask.url(url),
            summary=self._mask.text(summarize(exchange, decoded, life)) or "",
            life=life.id,
            findings=self._shown(
                self._overrides.of_causes(
                    findings_of(self._overrides.of_exchange(outcries), life, self._causes_in(life))
                )
            ),
            decoded=self._mask.values(
                describe(decoded, self._mask) | _connection(exchange) | _told(exchange, decoded)
            ),
            session=_session(decoded, life),
        )

    def _causes_in(self, life: Life) -> Callable[[Outcry], tuple[str, ...]]:
        current_id = self._correlator.current_id
        return lambda outcry: self._findings.causes_of(outcry, life, current_id)

    def observe(self, connection: Connection, *, id: str, index: int, capture: str) -> Inspection:
        """Correlate and judge a connection; it stands in the place of an exchange of that id."""
        return self.inspect(connection_exchange(connection, id=id, index=index, capture=capture))

    def findings(self, *, until: datetime | None = None) -> tuple[Finding, ...]:
        """One finding for each rule and life, the gravest first. ``until``: the time that it is
        now, as in ``tell_time`` but for these findings alone."""
        self._correlator.settle()
        latest = max((time for time in (self._latest, until) if time is not None), default=None)
        found = self._findings.findings(
            self._correlator.current_id,
            lambda life_id: replace(
                self._lists.told(self._correlator.life(life_id)), seen_until=latest
            ),
            missed=self._missed(latest),
        )
        return self._shown(self._overrides.of_findings(found))

    def _shown(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        return tuple(shown_finding(finding, self._mask) for finding in findings)

    def _missed(self, latest: datetime | None) -> Iterator[tuple[Life, tuple[Outcry, ...]]]:
        """What rules say of lives that wait for something. A device that has begun anew waits for
        nothing in its old life."""
        if latest is None:
            return
        newest = {key: life.id for life in self._correlator.lives for key in _names(life)}
        for life in self._correlator.lives:
            is_last = all(newest[key] == life.id for key in _names(life))
            if life.enrolled_at is not None and not life.has_posted_dm and is_last:
                now = replace(life, seen_until=latest)
                yield now, run_silent_rules(now, latest)

    def lives(self) -> tuple[Life, ...]:
        """The lives in the order in which they began. What devices told without a name is joined
        here to the life of its time."""
        self._correlator.settle()
        return self._correlator.lives

    def current_life(self, life_id: str) -> str | None:
        """The id that the life of this id has now; it may have been merged into another."""
        return self._correlator.current_id(life_id)

    def _remember_greeting(self, scene: Scene) -> None:
        found = greeting_of(scene)
        if found is None:
            return
        form = form_of(scene.exchange.request)
        known = self._greetings.get(form, ())
        if all((one.is_known, one.words) != (found.is_known, found.words) for one in known):
            self._greetings[form] = (*known, found)[-MAX_GREETINGS:]
        while len(self._greetings) > MAX_FORMS:
            del self._greetings[next(iter(self._greetings))]

    def _remember_issued(self, decoded: Decoded, life: Life) -> None:
        part = decoded.provisioning
        if part is None or life.id is None:
            return
        if life.certificate is not None:
            self._subject_owners.setdefault(life.certificate.subject.raw.hex(), life.id)
        if part.account is None:
            return
        for auth in part.account.appauth:
            if auth.data:
                self._nonce_owners.setdefault(auth.data, life.id)


def _names(life: Life) -> Iterator[tuple[str, str | None, str]]:
    """What tells a device that enrols anew: its id, or its user at its address."""
    if life.device_id:
        yield "device", None, life.device_id
    if life.email:
        yield "user", life.peer, life.email.lower()


def _session(decoded: Decoded, life: Life) -> DmSession | None:
    asked = decoded.request_syncml
    if asked is None:
        return None
    wanted = asked.header.session_id
    return next((one for one in reversed(life.sessions) if one.session_id == wanted), None)


def _told(exchange: Exchange, decoded: Decoded) -> dict[str, Any]:
    told = exchange.observation
    return {} if told is None else {"observation": describe_observation(told, decoded.codes)}


def _connection(exchange: Exchange) -> dict[str, Any]:
    connection = exchange.connection
    if connection is None:
        return {}
    chain = exchange.tls.server_certificates if exchange.tls is not None else ()
    found: dict[str, Any] = {"connection": connection_fields(connection)}
    if chain:
        found["server_certificates"] = [describe_sent_certificate(der) for der in chain]
    return found

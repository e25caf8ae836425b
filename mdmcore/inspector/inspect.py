"""The inspector: an exchange in, its kind, summary, findings and decoded parts out.

One inspector serves live traffic and captures. It never raises for what was sent; its memory
grows with lives and distinct findings, not with exchanges. It is not thread-safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mdmcore.enrollment.aetx import Aetx
from mdmcore.errors import ConfigError
from mdmcore.http import Exchange
from mdmcore.inspector.correlate import Correlator
from mdmcore.inspector.decode import decode
from mdmcore.inspector.describe import describe
from mdmcore.inspector.findings import FindingStore, findings_of
from mdmcore.inspector.masking import Mask
from mdmcore.inspector.packages import Packages
from mdmcore.inspector.summary import summarize
from mdmcore.rules import PROFILES, Finding, run_rules
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.life import Life
from mdmcore.rules.overrides import NO_OVERRIDES, Overrides
from mdmcore.rules.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What is to say about one exchange.

    ``life`` is the id at this time, ``None`` for an exchange of no device; ``Inspector.lives``
    tells which ids turned out to be one. ``decoded`` has plain JSON types only.
    """

    id: str
    kind: Kind
    summary: str
    life: str | None
    findings: tuple[Finding, ...]
    decoded: Mapping[str, Any]


class Inspector:
    """Inspects exchanges in the order of their answers; ``profile`` is ``auto`` or forced.

    ``aetx`` is the enterprise's file, if it is known: tokens that are handed out are compared
    with it. ``overrides``: what the user wants otherwise than the catalogue says.
    """

    def __init__(
        self,
        profile: str = "auto",
        *,
        show_secrets: bool = False,
        aetx: Aetx | None = None,
        overrides: Overrides = NO_OVERRIDES,
    ) -> None:
        if profile != "auto" and profile not in PROFILES:
            raise ConfigError(f"unknown profile {profile!r}, use auto, {', '.join(PROFILES)}")
        self._correlator = Correlator(profile)
        self._findings = FindingStore()
        self._mask = Mask(show_secrets=show_secrets)
        self._nonce_owners: dict[str, str] = {}
        self._subject_owners: dict[str, str] = {}
        self._packages = Packages()
        self._aetx = aetx
        self._overrides = overrides

    def inspect(self, exchange: Exchange) -> Inspection:
        """Decode, correlate and judge one exchange."""
        url = exchange.request.url
        decoded = decode(
            exchange,
            is_store_uri=self._correlator.knows_store_uri(url),
            told=self._correlator.told(url),
        )
        before, result = self._correlator.join(exchange, decoded)
        life = result.life
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
            aetx=self._aetx,
            package_before=package_before,
            package_told=package_told,
        )
        outcries = run_rules(scene)
        self._findings.add(outcries, life)
        self._remember_issued(decoded, life)
        return Inspection(
            id=exchange.id,
            kind=decoded.kind,
            summary=summarize(exchange, decoded, life),
            life=life.id,
            findings=findings_of(self._overrides.of_exchange(outcries), life),
            decoded=describe(decoded, self._mask),
        )

    def findings(self) -> tuple[Finding, ...]:
        """One finding for each rule and life, the gravest first."""
        found = self._findings.findings(self._correlator.current_id, self._correlator.life)
        return self._overrides.of_findings(found)

    def lives(self) -> tuple[Life, ...]:
        """The lives in the order in which they began."""
        return self._correlator.lives

    def current_life(self, life_id: str) -> str | None:
        """The id that the life of this id has now; it may have been merged into another."""
        return self._correlator.current_id(life_id)

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

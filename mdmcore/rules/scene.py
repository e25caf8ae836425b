"""What a rule sees: one exchange, decoded, and the life it belongs to, before and after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from mdmcore.enrollment.aetx import Aetx
from mdmcore.http import Exchange
from mdmcore.rules.decoded import Decoded
from mdmcore.rules.life import CredCheck, Greeting, Life
from mdmcore.rules.model import DEFAULT_PROFILE, Hit, Place, Severity
from mdmcore.rules.package_seen import NOTHING_SEEN, PackageSeen

_MAX_MESSAGE = 600
_MAX_EVIDENCE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The input of every rule.

    ``before`` holds the facts of earlier exchanges, ``life`` those with this one added.
    ``device_cred`` and ``server_cred`` are the verdicts on the Cred of request and answer.
    ``nonce_owners`` maps an AAUTHDATA, as written, to the life that it was first handed to.
    ``subject_owners`` does so for the subject (DER in hex) of an issued certificate.
    ``greetings`` holds, for DM URL, User-Agent and query, how first messages without credentials
    were answered before.
    ``now`` is the time at which dates are judged, by default when the exchange began; ``None``
    where nothing tells. ``aetx`` is the enterprise's file, where it is known.
    ``package_before`` is what earlier answers told of the package at this URL, ``package_told``
    what this answer does; ``None`` when it is no package.
    """

    exchange: Exchange
    decoded: Decoded
    life: Life = field(default_factory=Life)
    before: Life = field(default_factory=Life)
    profile: str = DEFAULT_PROFILE
    device_cred: CredCheck | None = None
    server_cred: CredCheck | None = None
    nonce_owners: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    subject_owners: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    greetings: Mapping[tuple[str, str, str], tuple[Greeting, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    now: datetime | None = None
    aetx: Aetx | None = None
    package_before: PackageSeen = NOTHING_SEEN
    package_told: PackageSeen | None = None

    def __post_init__(self) -> None:
        if self.now is None:
            object.__setattr__(self, "now", self.exchange.started)

    def hit(
        self,
        message: str,
        *,
        part: str,
        evidence: str = "",
        caused_by: tuple[str, ...] = (),
        severity: Severity | None = None,
        **where: str | int,
    ) -> Hit:
        """A hit in this exchange; ``where`` is one of xpath, offset, header, field."""
        place = Place(
            exchange=self.exchange.id,
            where={"part": part} | {name: str(value) for name, value in where.items()},
            evidence=_bounded(evidence, _MAX_EVIDENCE),
        )
        return Hit(
            place=place,
            message=_bounded(message, _MAX_MESSAGE),
            caused_by=caused_by,
            severity=severity,
        )


def _bounded(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."

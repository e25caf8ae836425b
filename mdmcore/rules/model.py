"""The values of judging: severity, profile, place, hit, finding (design.md section 5).

A rule function yields ``Hit`` values for one exchange; the inspector gathers them into one
``Finding`` for each rule and life. What a rule means for people stands in the catalogue, how a
rule decides in the phase modules; neither belongs here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

PROFILES = ("wp8", "wp81", "win81", "win10")
"""The kinds of device, in the order of the severity letters of rules.md."""

DEFAULT_PROFILE = "wp8"
"""Where nothing tells which device it is (design.md section 5)."""

MAX_PLACES = 100
"""A finding shows at most this many places; its count counts all."""


class Severity(StrEnum):
    """How grave a mistake is for a profile; ``none`` means the rule is silent there."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NONE = "none"

    @property
    def rank(self) -> int:
        """0 for none up to 3 for error, to compare and sort."""
        return _RANKS[self]

    def at_most(self, cap: Severity | None) -> Severity:
        """This severity, or the cap when that is milder."""
        return self if cap is None or cap.rank >= self.rank else cap

    def at_least(self, floor: Severity | None) -> Severity:
        """This severity, or the floor when that is graver; what is silent stays so."""
        is_graver = floor is not None and self.rank and floor.rank > self.rank
        return floor if floor is not None and is_graver else self


_RANKS = {Severity.NONE: 0, Severity.INFO: 1, Severity.WARNING: 2, Severity.ERROR: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a mistake was seen.

    ``exchange`` is the exchange's id. ``where`` has ``part`` (``request``, ``response``,
    ``document`` for the provisioning document, ``certificate``, ``csr``, ``tls`` for the
    connection) and one of ``xpath``, ``offset`` (bytes from 0), ``header``,
    ``field``; ``line`` and ``column`` may stand beside ``offset``. ``evidence`` is what stands
    there, never a secret.
    """

    exchange: str
    where: Mapping[str, str]
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One occurrence of a mistake; ``caused_by`` names rules that probably explain it.

    ``severity`` is there where this occurrence is graver than the rule is for the profile.
    """

    place: Place
    message: str
    caused_by: tuple[str, ...] = ()
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule's hits in one life. ``count`` counts all, ``places`` holds the first ones."""

    rule: str
    severity: Severity
    message: str
    effect: str
    fix: str
    sources: tuple[str, ...]
    life: str | None
    count: int
    places: tuple[Place, ...] = ()
    caused_by: tuple[str, ...] = field(default=())

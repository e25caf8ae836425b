"""What a user wants otherwise than the catalogue: rules that stay silent, other severities.

A rule that does not apply to a kind of device stays silent there, whatever is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from mdmcore.errors import ConfigError
from mdmcore.rules.catalogue import resolve
from mdmcore.rules.model import Finding, Severity
from mdmcore.rules.registry import Outcry

_LEVELS = tuple(level.value for level in Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Rule id -> the severity that the user wants; ``none`` silences the rule, as a cause, too."""

    severities: Mapping[str, Severity] = field(default_factory=lambda: MappingProxyType({}))

    def of_exchange(self, outcries: Iterable[Outcry]) -> tuple[Outcry, ...]:
        """What is said of one exchange, as the user wants it."""
        wanted = (
            replace(one, severity=self._wanted(one.rule.id, one.severity)) for one in outcries
        )
        return tuple(one for one in wanted if one.severity is not Severity.NONE)

    def of_findings(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Findings as the user wants them, the gravest first."""
        wanted = (replace(one, severity=self._wanted(one.rule, one.severity)) for one in findings)
        told = (one for one in wanted if one.severity is not Severity.NONE)
        return self.of_causes(sorted(told, key=lambda finding: -finding.severity.rank))

    def of_causes(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Findings that do not name as causes what the user wants to hear nothing of."""
        return tuple(
            replace(one, caused_by=tuple(filter(self._is_heard, one.caused_by))) for one in findings
        )

    def _is_heard(self, rule_id: str) -> bool:
        return self.severities.get(rule_id) is not Severity.NONE

    def _wanted(self, rule_id: str, severity: Severity) -> Severity:
        return self.severities.get(rule_id, severity)


NO_OVERRIDES = Overrides()


def parse_overrides(disabled: Iterable[str] = (), severities: Iterable[str] = ()) -> Overrides:
    """Overrides as people write them: ``ID[,ID...]`` to disable, ``ID=LEVEL`` for a severity.

    Aliases count as their ids. ConfigError for a rule or level that does not exist.
    """
    found: dict[str, Severity] = {}
    for text in severities:
        for one in text.split(","):
            name, _, level = one.strip().partition("=")
            if level not in _LEVELS:
                raise ConfigError(f"{one.strip()!r}: use RULE=LEVEL, LEVEL {', '.join(_LEVELS)}")
            found |= dict.fromkeys(_ids(name), Severity(level))
    for text in disabled:
        for name in text.split(","):
            found |= dict.fromkeys(_ids(name.strip()), Severity.NONE)
    return Overrides(severities=MappingProxyType(found)) if found else NO_OVERRIDES


def _ids(name: str) -> tuple[str, ...]:
    return tuple(item.id for item in resolve(name))

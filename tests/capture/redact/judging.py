"""Redacting a session, and judging it before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from mdmcore.capture.redact import Redactor
from mdmcore.http import Exchange
from mdmcore.inspector import Inspector
from mdmcore.rules import Finding
from tests.capture.redact.keys import KEY, FixedKeys


def redacted(
    exchanges: Sequence[Exchange], *, profile: str = "auto", key: bytes = KEY
) -> tuple[list[Exchange], Redactor]:
    """The exchanges after both passes."""
    redactor = Redactor(key, FixedKeys(), profile=profile)
    for exchange in exchanges:
        redactor.learn(exchange)
    return [redactor.redact(exchange) for exchange in exchanges], redactor


def found(exchanges: Iterable[Exchange], profile: str = "auto") -> tuple[Finding, ...]:
    """What is found in them."""
    inspector = Inspector(profile)
    for exchange in exchanges:
        inspector.inspect(exchange)
    return inspector.findings()


def counted(findings: Iterable[Finding]) -> Counter[tuple[str, str, int]]:
    """Rules, severities and counts."""
    return Counter((one.rule, one.severity.value, one.count) for one in findings)

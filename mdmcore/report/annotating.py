"""Annotating the exchanges of captures with what an analysis of them finds.

Some of it is known at the end of a life only: that nothing came any more, that two devices were
one, how grave a mistake is for the kind of device that it turned out to be. So the captures are
gone over twice, and each time by an inspector of its own; nothing is kept of an exchange.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from mdmcore.http import Exchange
from mdmcore.inspector import Inspection, Inspector
from mdmcore.report.annotation import annotated, annotation
from mdmcore.rules import Finding

type _Key = tuple[str, str | None]


class Annotating:
    """Two passes over the same exchanges: ``look`` at each, ``conclude``, then ``annotate`` each.

    ``start`` makes an inspector; both are to be alike.
    """

    def __init__(self, start: Callable[[], Inspector]) -> None:
        self._first = start()
        self._second = start()
        self._final: dict[_Key, Finding] = {}
        self._by_exchange: dict[str, list[Finding]] = {}

    def look(self, exchange: Exchange) -> None:
        """Judge an exchange in the first pass."""
        self._first.inspect(exchange)

    def tell_time(self, until: datetime) -> None:
        """The captures have everything until then."""
        self._first.tell_time(until)

    def conclude(self) -> None:
        """The first pass is over: what is found now is what is written."""
        for finding in self._first.findings():
            self._final[finding.rule, finding.life] = finding
            for exchange in dict.fromkeys(place.exchange for place in finding.places):
                self._by_exchange.setdefault(exchange, []).append(finding)

    def annotate(self, exchange: Exchange) -> Exchange:
        """The exchange with its annotation, in the second pass."""
        inspection = self._second.inspect(exchange)
        data = annotation(
            summary=inspection.summary,
            findings=self._findings(exchange, inspection),
            kind=str(inspection.kind),
            life=self._first.current_life(inspection.life) if inspection.life else None,
        )
        return replace(exchange, notes=annotated(exchange.notes, data))

    def _findings(self, exchange: Exchange, inspection: Inspection) -> list[Finding]:
        """Those of the exchange as they were found, with what is known of them in the end."""
        found: dict[_Key, Finding] = {}
        for finding in inspection.findings:
            life = self._first.current_life(finding.life) if finding.life else None
            final = self._final.get((finding.rule, life))
            if final is not None:
                found[finding.rule, life] = replace(
                    finding, severity=final.severity, life=life, caused_by=final.caused_by
                )
        for final in self._by_exchange.get(exchange.id, ()):
            if (final.rule, final.life) not in found:
                places = tuple(one for one in final.places if one.exchange == exchange.id)
                found[final.rule, final.life] = replace(final, places=places, count=len(places))
        return sorted(found.values(), key=lambda finding: -finding.severity.rank)

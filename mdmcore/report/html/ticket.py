"""A finding as Markdown, to be pasted into a ticket.

What was captured stands in code, fenced longer than any run of backticks in it, so that it is text
there, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.report.html.visible import shortened, visible
from mdmcore.rules import Finding, Place

MAX_PLACES = 5
_MAX_EVIDENCE = 300
_MAX_TEXT = 2000
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~@!])")
_BACKTICKS = re.compile(r"`+")


def ticket(finding: Finding, *, life: str, source: str) -> str:
    """The finding in Markdown; ``source`` names the captures."""
    return "\n".join(_lines(finding, life, source)) + "\n"


def _lines(finding: Finding, life: str, source: str) -> Iterator[str]:
    yield f"**{finding.severity.value}: {finding.rule}**"
    yield ""
    yield _plain(finding.message)
    yield ""
    if life:
        yield f"- Device: {code(life)}"
    yield f"- Capture: {code(source)}"
    times = "once" if finding.count == 1 else f"{finding.count} times"
    yield f"- Seen: {times}"
    for place in finding.places[:MAX_PLACES]:
        yield f"  - {_place(place)}"
    if finding.count > MAX_PLACES:
        yield f"  - and {finding.count - MAX_PLACES} more"
    for label, text in (("Effect", finding.effect), ("Fix", finding.fix)):
        if text:
            yield f"- {label}: {_plain(text)}"
    if finding.caused_by:
        yield f"- Probably caused by: {', '.join(code(rule) for rule in finding.caused_by)}"
    if finding.sources:
        yield f"- Sources: {'; '.join(_plain(each) for each in finding.sources)}"


def _place(place: Place) -> str:
    where = ", ".join(f"{name} {value}" for name, value in place.where.items())
    words = f"{code(place.exchange)} {code(where)}" if where else code(place.exchange)
    evidence = shortened(place.evidence, _MAX_EVIDENCE)
    return f"{words}: {code(evidence)}" if evidence else words


def code(text: str) -> str:
    """Inline code that holds any text."""
    line = shortened(text, _MAX_TEXT)
    longest = max((len(run) for run in _BACKTICKS.findall(line)), default=0)
    if not longest:
        return f"`{line}`"
    fence = "`" * (longest + 1)
    return f"{fence} {line} {fence}"


def _plain(text: str) -> str:
    """Our words, in which captured ones may stand."""
    return _SPECIAL.sub(r"\\\1", visible(" ".join(text.split()))[:_MAX_TEXT])

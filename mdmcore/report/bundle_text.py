"""The words of a bundle: what is in it, what was replaced, what is found."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mdmcore.capture.redact import Tally
from mdmcore.report.analysis import Analysis
from mdmcore.rules import Finding

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")
_BREAKS = re.compile(r"\s+")


def read_me(analysis: Analysis, tally: Tally, *, version: str, has_page: bool) -> str:
    """README.txt."""
    counts: dict[str, int] = {}
    for finding in analysis.findings:
        counts[str(finding.severity)] = counts.get(str(finding.severity), 0) + 1
    found = ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "nothing"
    page = "analysis.html  the same as a web page; it asks no network for anything\n"
    replaced = "\n".join(f"  {line}" for line in tally.lines()) or "  nothing"
    return f"""Recorded MDM traffic, redacted by mdmproxy {version}.

capture.mitm   the exchanges; `mdmproxy analyze capture.mitm` or mitmweb reads them
analysis.txt   what happened and what is wrong, for people
analysis.md    the findings, to paste into a ticket
analysis.json  the same for programs (mdmproxy-analysis/1)
{page if has_page else ""}replaced.json  what was replaced, by kind, count and place

Found: {found}.

Secrets, names of persons, devices, hosts and addresses are pseudonyms: the same value has the
same name throughout. Digests, certificates, requests and signatures were made anew from the
pseudonyms with keys that nobody keeps; what was wrong is wrong in the same way. So the findings
are those of the original. Times, product names, versions, settings and the structure of all
messages are as they were recorded.

Replaced:
{replaced}

Before you hand this on, look through it once: what a person wrote in a place meant for something
else (a policy's name, the text of a page) is known to nobody but that person.
"""


def findings_markdown(findings: Iterable[Finding]) -> str:
    """The findings as Markdown for a ticket."""
    lines = ["# Findings", ""]
    for finding in findings:
        times = f" ({finding.count} times)" if finding.count > 1 else ""
        lines.append(f"## {finding.severity}: `{finding.rule}`{times}")
        lines += ["", _escaped(finding.message), ""]
        lines += [f"- Effect: {_escaped(finding.effect)}"] if finding.effect else []
        lines += [f"- Fix: {_escaped(finding.fix)}"] if finding.fix else []
        lines += [f"- Exchange: {_escaped(place.exchange)}" for place in finding.places[:5]]
        lines.append("")
    if len(lines) == 2:
        lines.append("Nothing was found.")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", _BREAKS.sub(" ", text).strip())

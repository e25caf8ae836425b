"""An analysis as Markdown for a ticket (formats.md 6.3), read by GitHub, GitLab and Jira.

Bounded, because trackers refuse longer texts: what does not fit is counted. All that was captured
stands between backquotes, where nothing of it is a mention, a link, a heading or HTML.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TextIO

from mdmcore import __version__
from mdmcore.report.across import Across, RuleAcross, in_captures
from mdmcore.report.finding_text import place_text
from mdmcore.report.outcome import Outcome
from mdmcore.report.plain import plain
from mdmcore.report.text import hidden, plural
from mdmcore.rules import Severity

MAX_CHARACTERS = 60_000
"""GitHub takes 65,536."""

_RESERVED = 1_000
"""Characters for what stands at the end."""

_MAX_CELL = 300
_MAX_EVIDENCE = 2_000
_SHOWN_PLACES = 5
_SHOWN_CAPTURES = 20
_SHOWN_SERVERS = 3
_RUNS = re.compile(r"`+")
_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~@!])")


def write_markdown(out: TextIO, outcome: Outcome, summary: Across, *, is_masked: bool) -> None:
    """Write the text; ``is_masked``: whether secrets are."""
    end = "\n".join(_end(outcome, is_masked=is_masked))
    end = end if len(end) <= MAX_CHARACTERS // 4 else end[: MAX_CHARACTERS // 4]
    left = MAX_CHARACTERS - len(end) - _RESERVED
    blocks = [*_head(outcome), *_table(summary), *_blocks(summary)]
    unwritten = 0
    for block in blocks:
        if len(block) + 1 > left:
            unwritten += 1
            continue
        out.write(f"{block}\n")
        left -= len(block) + 1
    if unwritten:
        out.write(
            f"\n{plural(unwritten, 'part')} did not fit into {MAX_CHARACTERS} characters; "
            "`mdmproxy analyze --format json` has all.\n"
        )
    out.write(f"{end}\n")


def _head(outcome: Outcome) -> Iterator[str]:
    found = {
        one: sum(finding.severity == one for finding in outcome.findings) for one in _SEVERITIES
    }
    verdict = ", ".join(plural(number, one.value) for one, number in found.items())
    exchanges = sum(capture.exchanges for capture in outcome.captures)
    yield f"## MDM capture analysis: {verdict}\n"
    yield (
        f"{plural(exchanges, 'exchange')} in {plural(len(outcome.captures), 'capture')}, "
        f"{plural(len(outcome.lives), 'device')}{hidden(outcome)}.\n"
    )
    broken = [capture for capture in outcome.captures if capture.errors]
    if broken:
        yield "**Not everything could be read:**\n"
    for capture in broken[:_SHOWN_CAPTURES]:
        error = capture.errors[0]
        more = f" and {len(capture.errors) - 1} more" if len(capture.errors) > 1 else ""
        yield f"- {code(capture.path)}: {code(f'{error.where}: {error.message}')}{more}"
    if len(broken) > _SHOWN_CAPTURES:
        yield f"- and {len(broken) - _SHOWN_CAPTURES} more captures"
    if broken:
        yield ""


def _table(summary: Across) -> Iterator[str]:
    if not summary.rules:
        yield "Nothing was found.\n"
        return
    rows = ["| | rule | where | what | fix |", "|---|---|---|---|---|"]
    for rule in summary.rules:
        where = in_captures(rule.captures, summary.captures) if summary.captures > 1 else ""
        servers = ", ".join(code(server) for server in rule.servers[:_SHOWN_SERVERS])
        seen = " ".join(filter(None, (where, servers)))
        rows.append(
            f"| {rule.severity.value} | `{rule.rule}` | {seen} "
            f"| {code(rule.example.message)} | {escaped(rule.example.fix)} |"
        )
    # Row by row, so that a long table is cut between rows.
    yield from rows
    yield ""


def _blocks(summary: Across) -> Iterator[str]:
    """The evidence of each rule, folded."""
    for rule in summary.rules:
        example = rule.example
        lines = [
            f"<details><summary>{rule.severity.value}: {rule.rule}</summary>\n",
            f"{escaped(example.effect)}\n",
            f"**Fix:** {escaped(example.fix)}\n",
            f"**Source:** {escaped('; '.join(example.sources))}\n",
            *_evidence(rule),
            "\n</details>\n",
        ]
        yield "\n".join(lines)


def _evidence(rule: RuleAcross) -> Iterator[str]:
    shown = (*rule.places, *rule.example.places)
    places = tuple(dict.fromkeys(map(place_text, shown)))[:_SHOWN_PLACES]
    text = "\n".join(plain(one)[:_MAX_EVIDENCE] for one in places)
    fence = _fence(text)
    yield f"{fence}\n{text}\n{fence}"


def _end(outcome: Outcome, *, is_masked: bool) -> Iterator[str]:
    yield "---"
    masked = (
        "Secrets are masked; names, ids and addresses are not."
        if is_masked
        else "**Secrets are shown (`--show-secrets`): do not publish this.**"
    )
    yield f"mdmproxy {__version__}. {masked}"
    yield ""
    for capture in outcome.captures[:_SHOWN_CAPTURES]:
        digest = file_digest(capture.path)
        yield f"- {code(capture.path)}{f': SHA-256 `{digest}`' if digest else ''}"
    if len(outcome.captures) > _SHOWN_CAPTURES:
        yield f"- and {len(outcome.captures) - _SHOWN_CAPTURES} more captures"


def file_digest(path: str) -> str:
    """The SHA-256 of a capture, which says which file is meant; empty where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""


def code(text: str) -> str:
    """Captured text as code: nothing in it is Markdown, HTML, a mention or a link."""
    text = plain(text)[:_MAX_CELL]
    longest = max((len(run) for run in _RUNS.findall(text)), default=0)
    marks = "`" * (longest + 1)
    # A pipe parts cells of a table even in code; other markup stays as it is there.
    text = text.replace("|", "\\|")
    space = " " if longest or text.startswith(" ") or text.endswith(" ") or not text else ""
    return f"{marks}{space}{text or ' '}{space}{marks}"


def escaped(text: str) -> str:
    """Our own words as they are, with nothing that Markdown would take for its own."""
    return _SPECIAL.sub(r"\\\1", plain(text))


def _fence(text: str) -> str:
    longest = max((len(run) for run in _RUNS.findall(text)), default=0)
    return "`" * max(3, longest + 1)

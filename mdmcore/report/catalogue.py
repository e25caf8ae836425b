"""The catalogue of rules: text, JSON rows, Markdown (design.md section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from mdmcore.report.plain import LineWriter, pad
from mdmcore.rules import CatalogueEntry, catalogue
from mdmcore.server.faults import TRANSPORT_FAULTS, Step, TransportFault

SCHEMA = "mdmproxy-rules/1"

_MADE = {
    "yes": "in the emulator's answer",
    "transport": "below HTTP, by the emulator's own TLS listener",
    "no": "cannot be made by a server",
}
_LETTERS = {"error": "E", "warning": "W", "info": "I", "none": "-"}
_MARKDOWN_INTRODUCTION = """# Rules

Every mistake that mdmproxy knows, in the order of a device's life. This page is generated from
`mdmcore/rules/catalogue/*.toml` by `scripts/generate-docs`; change the data, not this page.

A rule's four letters are its severity for Windows Phone 8.0, Windows Phone 8.1, Windows 8.1 and
Windows 10/11: E error (a step fails), W warning, I info, - does not apply; `~` before a letter
means that we derived it. Device: what it does, and when.
"""

_SERVER = "(server) nothing that is sent; it is named as a probable cause of what it explains"


def catalogue_document(entries: Iterable[CatalogueEntry]) -> dict[str, Any]:
    """The document of ``mdmproxy rules --format json``."""
    return {"schema": SCHEMA, "rules": [_row(entry) for entry in entries]}


def _row(entry: CatalogueEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "aliases": list(entry.aliases),
        "phase": entry.phase,
        "severity": {profile: severity.value for profile, severity in entry.severities.items()},
        "looks_at": entry.looks_at,
        "effect": entry.effect,
        "fix": entry.fix,
        "sources": list(entry.sources),
        "fault": entry.fault != "no",
        "fault_note": entry.fault_note,
        "reaction": entry.reaction,
        "consequences": list(entry.consequences),
    }


def write_list(lines: LineWriter, entries: Iterable[CatalogueEntry]) -> None:
    """One line for each rule, below its phase; then what the letters mean."""
    for phase, group in groupby(entries, key=lambda entry: entry.phase):
        listed = list(group)
        width = max(len(entry.id) for entry in listed) + 2
        lines.line(lines.styled(phase, "title"))
        for entry in listed:
            letters = pad(entry.severity_letters, 9)
            space = lines.width - width - 11
            lines.line(f"  {letters}{pad(entry.id, width)}{pad(entry.looks_at, max(space, 20))}")
        lines.line()
    lines.wrapped(
        "Letters: severity for wp8, wp81, win81, win10 (E error, W warning, I info, - does not "
        "apply, ~ derived). More of one: mdmproxy rules ID"
    )


def write_entry(lines: LineWriter, entry: CatalogueEntry) -> None:
    """Everything about one rule."""
    lines.wrapped(entry.id, style="title")
    severities = ", ".join(f"{name} {grade.value}" for name, grade in entry.severities.items())
    for label, text in (
        ("aliases:", ", ".join(entry.aliases)),
        ("phase:", entry.phase),
        ("severity:", severities),
        ("seen in:", _SERVER if entry.scope == ("cause",) else ", ".join(entry.scope)),
        ("looks at:", entry.looks_at),
        ("effect:", entry.effect),
        ("device:", entry.reaction),
        ("fix:", entry.fix),
        *((f"{tool}:", text) for tool, text in entry.how),
        ("fault:", _fault(entry)),
        ("explains:", ", ".join(entry.consequences)),
        ("caused by:", ", ".join(entry.causes)),
        ("sources:", "; ".join(entry.sources)),
    ):
        if text:
            lines.labelled(label, text, label_width=11)
    lines.line()


def _fault(entry: CatalogueEntry) -> str:
    """Whether a server can make the mistake on purpose, and by which part of the emulator."""
    note = f" ({entry.fault_note})" if entry.fault_note else ""
    below = TRANSPORT_FAULTS.get(entry.id)
    if below is None:
        return _MADE[entry.fault] + note
    how = f"{_MADE['transport']}: {below.does}"
    return how + note if below.is_for_connections else f"{how}; in the steps {_steps(below)}{note}"


def _steps(fault: TransportFault) -> str:
    return ", ".join(step for step in Step if step in fault.steps)


def catalogue_markdown(entries: Iterable[CatalogueEntry] | None = None) -> str:
    """The whole reference, a table for each phase."""
    parts = [_MARKDOWN_INTRODUCTION]
    chosen = catalogue() if entries is None else entries
    for phase, group in groupby(chosen, key=lambda entry: entry.phase):
        lines = [
            f"## {phase}\n",
            "| rule | severity | looks at | effect | device | fix |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_markdown_row(entry) for entry in group]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _markdown_row(entry: CatalogueEntry) -> str:
    names = " ".join([f"`{entry.id}`", *(f"(also `{alias}`)" for alias in entry.aliases)])
    cells = (
        names,
        f"`{entry.severity_letters}`",
        entry.looks_at,
        entry.effect,
        entry.reaction,
        entry.fix,
    )
    return f"| {' | '.join(map(_cell, cells))} |"


_ESCAPES: Mapping[str, str] = {"|": "\\|", "<": "&lt;", ">": "&gt;", "*": "\\*"}


def _cell(text: str) -> str:
    """The text as a cell of a Markdown table; what stands in backquotes stays as it is."""
    if text.startswith("`"):
        return text.replace("|", "\\|")
    return "".join(_ESCAPES.get(character, character) for character in " ".join(text.split()))

"""The table of profiles as Markdown: what ``docs/profiles.md`` holds."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from mdmcore.profiles.model import Column, columns
from mdmcore.profiles.table import PROFILES

_INTRODUCTION = """# Profiles

What mdmproxy knows of each generation of devices. The emulated server answers by these values, the
simulated phone acts by them. This page is generated from `mdmcore/profiles/table.py` by
`scripts/generate-docs`; change the table, not this page.

[U]: unconfirmed, no source states it for that device. Numbers are sections of the enrolment notes
from which the table was made; MS-MDE, MS-MDE2 and the others are the open specifications.
"""


def profiles_markdown() -> str:
    """The whole page."""
    parts = [_INTRODUCTION]
    for step, group in groupby(columns()[1:], key=lambda item: item[1].step):
        parts.append(f"## {step.capitalize()}\n\n{_table(list(group))}")
    return "\n".join(parts)


def _table(described: list[tuple[str, Column]]) -> str:
    head = ["", *PROFILES, "source"]
    lines = [_row(head), _row(["---"] * len(head))]
    for name, column in described:
        values = (getattr(profile, name) for profile in PROFILES.values())
        lines.append(_row([column.label, *map(_shown, values), column.source]))
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _shown(value: object) -> str:
    """A value for people: yes and no, lists in one line, a dash for nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "<br>".join(f"{key}: {_shown(each)}" for key, each in value.items()) or "-"
    if isinstance(value, frozenset):
        value = tuple(sorted(value))
    if isinstance(value, tuple):
        return ", ".join(_shown(each) for each in value) or "-"
    return "-" if value is None or value == "" else f"`{value}`" if _is_wire(value) else str(value)


def _is_wire(value: object) -> bool:
    """Whether a text is one that stands in messages and must be quoted for Markdown."""
    return isinstance(value, str) and any(sign in value for sign in "\\*_{}<>$")

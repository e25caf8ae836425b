"""How ``mdmproxy explain`` shows codes: rows for JSON, and the same laid out for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, TextIO

from mdmcore.codes import CodeEntry
from mdmcore.report.plain import LineWriter, plain
from mdmcore.rules import CatalogueEntry, entry

type Row = dict[str, Any]

_KINDS = {
    "hresult": "HRESULT {}",
    "win32": "WinINet or WinHTTP error {}",
    "http": "HTTP status {}",
    "syncml": "SyncML status {}",
    "alert": "SyncML alert {}",
    "portal": "console {}",
    "event": "event {} of the Windows event log",
    "registry": "registry value {}",
    "sign-in": "sign-in {}",
    "rule": "rule {}",
}
_SHOWN_RULES = 6
_MAX_CODE = 200
_LABEL_WIDTH = 11


def entry_row(found: CodeEntry) -> Row:
    """The row of an entry: its fields as they are."""
    row = asdict(found)
    return row | {"aliases": list(found.aliases), "rules": list(found.rules)}


def rule_row(rule: CatalogueEntry) -> Row:
    """The row of a rule that was asked for by its id or an alias."""
    return entry_row(
        CodeEntry(
            kind="rule",
            code=rule.id,
            meaning=rule.effect,
            phase=rule.phase,
            rules=(rule.id,),
            look=rule.fix,
            source="; ".join(rule.sources),
        )
    )


def write_explanations(out: TextIO, rows: Iterable[Row], *, width: int, colour: bool) -> None:
    """All rows, or that there was no code."""
    lines = LineWriter(out, width=width, colour=colour)
    is_empty = True
    for row in rows:
        is_empty = False
        _write_row(lines, row)
    if is_empty:
        lines.line("no code found in the text")


def _write_row(lines: LineWriter, row: Row) -> None:
    code = plain(row["code"])[:_MAX_CODE]
    value = row["value"]
    is_large = row["low"] is not None
    if is_large and code.upper() not in {value.upper(), value[2:].upper()}:
        code = f"{code} = {value}"
    family = f" ({row['facility']}, low word {row['low']})" if is_large else ""
    lines.wrapped(f"{code}{family}", style="title")
    for found in row["entries"]:
        _write_entry(lines, found)
    if not row["entries"]:
        only_class = f"; its class: {row['facility']}" if row["facility"] and not is_large else ""
        lines.wrapped(f"unknown{only_class}", indent=2)
    lines.line()


def _write_entry(lines: LineWriter, found: Row) -> None:
    names = [name for name in (found["name"], *found["aliases"]) if name]
    what = _KINDS[found["kind"]].format(found["code"])
    lines.wrapped(f"{what}: {' / '.join(names)}" if names else what, indent=2)
    lines.wrapped(found["meaning"], indent=4)
    for label, text in (("reports:", found["reports"]), ("phase:", found["phase"])):
        if text:
            _labelled(lines, label, text)
    for number, rule_id in enumerate(found["rules"][:_SHOWN_RULES]):
        looks_at = entry(rule_id).looks_at.rstrip(".")
        _labelled(lines, "look for:" if number == 0 else "", f"{number + 1}. {rule_id}: {looks_at}")
    more = found["rules"][_SHOWN_RULES:]
    if more:
        _labelled(lines, "", f"then {', '.join(more)}")
    is_rule = found["kind"] == "rule"
    with_tools = entry(found["code"]).how if is_rule else ()
    details = (
        ("fix:" if is_rule else "look at:", found["look"]),
        *((f"{tool}:", text) for tool, text in with_tools),
        ("device:", found["device"]),
        ("conflict:", found["conflict"]),
        ("source:", f"{found['source']} ({found['confidence']})"),
    )
    for label, text in details:
        if text:
            _labelled(lines, label, text)


def _labelled(lines: LineWriter, label: str, text: str) -> None:
    lines.labelled(label, text, indent=4, label_width=_LABEL_WIDTH)

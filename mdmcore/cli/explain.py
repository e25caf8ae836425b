"""``mdmproxy explain``: what a result code means, and which rules to look at."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mdmcore.cli.options import Format, Output, OutputFormat
from mdmcore.cli.output import text_output

if TYPE_CHECKING:
    from mdmcore.codes import Reading

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MAX_TEXT = 1024 * 1024


@app.command(epilog="Example: mdmproxy explain 0x80180024 0x801900C8 507")
def explain(
    codes: Annotated[
        list[str],
        typer.Argument(metavar="CODE... | -", help="Codes or rule ids; - reads text from stdin."),
    ],
    format: OutputFormat = Format.TEXT,
    output: Output = None,
) -> int:
    """Explain HRESULTs, WinINet and HTTP forms, SyncML status and alerts, SOAP subcodes, rules.

    A negative number needs -- before it. Exit code 0: each one is known; 1: one is unknown (its
    facility is told, nothing is guessed).
    """
    rows = _from_text(sys.stdin.read(_MAX_TEXT)) if codes == ["-"] else [_one(c) for c in codes]
    with text_output(output) as out:
        if format is Format.JSON:
            out.write(json.dumps({"codes": rows}, indent=1) + "\n")
        elif rows:
            out.write("\n".join(_text(row) for row in rows))
        else:
            out.write("no code found in the text\n")
    return 0 if rows and all(row["entries"] for row in rows) else 1


def _from_text(text: str) -> list[dict[str, Any]]:
    from mdmcore.codes import read_codes

    return [_row(reading) for reading in read_codes(text)]


def _one(text: str) -> dict[str, Any]:
    from mdmcore.codes import read_code
    from mdmcore.enrollment.fault import DETAIL_HRESULTS
    from mdmcore.errors import ConfigError
    from mdmcore.namespaces import FAULT_HRESULTS
    from mdmcore.rules import resolve

    reading = read_code(text)
    if reading.value is not None or reading.entries:
        return _row(reading)
    named = {name.lower(): value for name, value in (FAULT_HRESULTS | DETAIL_HRESULTS).items()}
    value = named.get(text.rpartition(":")[2].lower())
    if value is not None:
        return _row(read_code(f"0x{value:08X}")) | {"code": text}
    try:
        rules = resolve(text)
    except ConfigError:
        return _row(reading)
    entries = [
        {
            "kind": "rule",
            "name": rule.id,
            "meaning": rule.effect,
            "rules": [rule.id],
            "look": rule.fix,
            "source": "; ".join(rule.sources),
            "confidence": "documented",
        }
        for rule in rules
    ]
    return _row(reading) | {"entries": entries}


def _row(reading: Reading) -> dict[str, Any]:
    entries = [
        {
            "kind": each.kind,
            "name": each.name,
            "meaning": each.meaning,
            "rules": list(each.rules),
            "look": each.look,
            "source": each.source,
            "confidence": each.confidence,
        }
        for each in reading.entries
    ]
    value = None if reading.value is None else f"0x{reading.value:08X}"
    return {
        "code": reading.text,
        "value": value,
        "facility": reading.facility,
        "low": reading.low,
        "entries": entries,
    }


def _text(row: dict[str, Any]) -> str:
    code = "".join(c if c.isprintable() else "?" for c in str(row["code"]))
    facility = f" ({row['facility']}, low word {row['low']})" if row["low"] is not None else ""
    lines = [f"{code[:200]}{facility}"]
    for each in row["entries"]:
        name = f"{each['name']}: " if each["name"] else ""
        lines.append(f"  {each['kind']}: {name}{each['meaning']}")
        details = (
            ("rules", ", ".join(each["rules"])),
            ("look at", each["look"]),
            ("source", f"{each['source']} ({each['confidence']})"),
        )
        lines.extend(f"    {label}: {text}" for label, text in details if text)
    if not row["entries"]:
        lines.append("  unknown")
    return "\n".join(lines) + "\n"

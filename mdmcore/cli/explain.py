"""``mdmproxy explain``: what a result code means, which rules to look at, and which of them speak.

Reading codes is ``mdmcore.codes``; laying out is ``explain_text``, captures ``explain_capture``.
"""

from __future__ import annotations

import codecs
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mdmcore.cli.captures import given_options
from mdmcore.cli.options import (
    FailOn,
    FailOnFound,
    Format,
    KeyLog,
    MaxEntries,
    MaxEntry,
    MaxRatio,
    MaxTotal,
    Output,
    OutputFormat,
    Password,
    Profile,
    RsaKeys,
)
from mdmcore.cli.output import complain, text_output, wants_colour, width_of
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.codes import Reading

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MAX_BYTES = 1024 * 1024
_NEGATIVE = re.compile(r"-\d+")

type Row = dict[str, Any]


@app.command(
    context_settings={"ignore_unknown_options": True},
    epilog="Example: mdmproxy explain 0x80180024 0x801900C8 507 --in session.mitm",
)
def explain(
    codes: Annotated[
        list[str],
        typer.Argument(
            metavar="CODE... | TEXT | -",
            help="Codes, rule ids or pasted text; - reads text from stdin.",
        ),
    ],
    captures: Annotated[
        list[Path] | None,
        typer.Option(
            "--in", metavar="CAPTURE", help="Say which of the codes' rules speak in this capture."
        ),
    ] = None,
    profile: Annotated[
        Profile, typer.Option(help="With --in: kind of device; auto finds it out.")
    ] = Profile.AUTO,
    password: Password = None,
    max_entry: MaxEntry = None,
    max_total: MaxTotal = None,
    max_entries: MaxEntries = None,
    max_ratio: MaxRatio = None,
    key_log: KeyLog = None,
    rsa_key: RsaKeys = None,
    fail_on: FailOnFound = FailOn.ERROR,
    format: OutputFormat = Format.TEXT,
    output: Output = None,
) -> int:
    """Explain HRESULTs, WinINet and HTTP forms, SyncML status and alerts, SOAP subcodes, rules.

    Exit code 0: each one is known; 1: one is unknown (its facility is told, nothing is guessed),
    or --in found something; 2: a capture was not read to its end.
    """
    rows = _rows(codes)
    if captures is None:
        _write(rows, None, format, output)
        return _is_unknown(rows)
    from mdmcore.cli.explain_capture import check_captures

    wanted = [rule for row in rows for entry in row["entries"] for rule in entry["rules"]]
    options = given_options(
        password=password,
        max_entry=max_entry,
        max_total=max_total,
        max_entries=max_entries,
        max_ratio=max_ratio,
        key_log=key_log,
        rsa_key=rsa_key,
    )
    check = check_captures(captures, wanted, profile=profile.value, options=options)
    _write(rows, check.document(), format, output, check)
    for problem in check.problems:
        complain(problem)
    return check.exit_code(fail_on.value) or _is_unknown(rows)


def _is_unknown(rows: list[Row]) -> int:
    return 0 if rows and all(row["entries"] for row in rows) else 1


def _rows(words: list[str]) -> list[Row]:
    for word in words:
        if word.startswith("-") and word != "-" and not _NEGATIVE.fullmatch(word):
            raise typer.BadParameter(f"no such option: {word}")
    if words == ["-"]:
        return _from_text(_pasted())
    return [row for word in words for row in _from_word(word)]


def _pasted() -> str:
    """What comes by stdin, whatever its encoding: event viewers export UTF-16."""
    data = sys.stdin.buffer.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise ConfigError(f"stdin: more than {_MAX_BYTES} bytes; paste the part with the codes")
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if is_utf16 else "utf-8-sig", "replace")


def _from_text(text: str) -> list[Row]:
    from mdmcore.codes import read_codes

    return [_row(reading) for reading in read_codes(text)]


def _from_word(word: str) -> list[Row]:
    """One code or rule; what is neither may be a pasted text."""
    from mdmcore.cli.explain_text import rule_row
    from mdmcore.codes import read_code
    from mdmcore.rules import resolve

    reading = read_code(word)
    if reading.value is not None or reading.entries:
        return [_row(reading)]
    try:
        rules = resolve(word)
    except ConfigError:
        return _from_text(word) or [_row(reading)]
    return [_row(reading) | {"entries": [rule_row(rule) for rule in rules]}]


def _row(reading: Reading) -> Row:
    from mdmcore.cli.explain_text import entry_row

    return {
        "code": reading.text,
        "value": None if reading.value is None else f"0x{reading.value:08X}",
        "facility": reading.facility,
        "low": reading.low,
        "entries": [entry_row(entry) for entry in reading.entries],
    }


def _write(
    rows: list[Row],
    found: Row | None,
    format: Format,
    output: Path | None,
    check: Any = None,
) -> None:
    from mdmcore.cli.explain_text import write_explanations

    with text_output(output) as out:
        if format is Format.JSON:
            out.write(json.dumps({"codes": rows} | (found or {}), indent=1) + "\n")
            return
        write_explanations(out, rows, width=width_of(out), colour=wants_colour(out))
        if check is not None:
            check.write_text(out, width=width_of(out), colour=wants_colour(out))

"""How codes are laid out."""

from __future__ import annotations

import io

import pytest

from mdmcore.cli.explain_text import entry_row, rule_row, write_explanations
from mdmcore.codes import code_table, read_code
from mdmcore.rules import catalogue, entry


def laid_out(text: str, *, width: int = 80, colour: bool = False) -> str:
    reading = read_code(text)
    row = {
        "code": reading.text,
        "value": None if reading.value is None else f"0x{reading.value:08X}",
        "facility": reading.facility,
        "low": reading.low,
        "entries": [entry_row(found) for found in reading.entries],
    }
    out = io.StringIO()
    write_explanations(out, [row], width=width, colour=colour)
    return out.getvalue()


@pytest.mark.parametrize("width", [60, 80, 140])
def test_every_code_fits_into_the_width(width: int) -> None:
    out = io.StringIO()
    rows = [
        {"code": found.code, "value": None, "facility": "", "low": None, "entries": [row]}
        for found in code_table().values()
        for row in [entry_row(found)]
    ]
    write_explanations(out, rows, width=width, colour=False)
    assert max(map(len, out.getvalue().splitlines())) <= width


def test_a_number_is_shown_as_hresult_too() -> None:
    assert laid_out("2149056532").startswith("2149056532 = 0x80180014 (MDM enrolment, low word 20)")
    assert laid_out("8018000a").startswith("8018000a (MDM enrolment, low word 10)")


def test_a_fix_is_told_for_each_tool() -> None:
    found = [rule_row(entry("cert-subject-not-printable"))]
    row = {"code": found[0]["code"], "value": None, "facility": "", "low": None, "entries": found}
    out = io.StringIO()
    write_explanations(out, [row], width=80, colour=False)
    lines = out.getvalue().splitlines()
    for tool in ("AD CS:", "OpenSSL:", ".NET:", "Go:", "Python:"):
        assert any(line.startswith(f"    {tool:<11}") for line in lines), tool
    assert "_type=_ASN1Type.PrintableString" in out.getvalue()


def test_all_names_are_shown() -> None:
    text = " ".join(laid_out("12175").split())
    assert "ERROR_WINHTTP_SECURE_FAILURE / ERROR_INTERNET_DECODING_FAILED" in text
    assert "conflict: one number, two names" in text


def test_titles_are_styled_only_when_asked() -> None:
    assert laid_out("507", colour=True).startswith("\x1b[1m507\x1b[0m")
    assert "\x1b" not in laid_out("507")


def test_a_rule_is_explained_by_its_entry() -> None:
    row = rule_row(entry("csr-edited"))
    assert (row["kind"], row["rules"], row["look"]) == (
        "rule",
        ["csr-edited"],
        entry("csr-edited").fix,
    )


def test_every_rule_can_be_laid_out() -> None:
    out = io.StringIO()
    rows = [
        {"code": rule.id, "value": None, "facility": "", "low": None, "entries": [rule_row(rule)]}
        for rule in catalogue()
    ]
    write_explanations(out, rows, width=80, colour=False)
    assert out.getvalue().count("\n    fix:") == len(catalogue())

"""The table of codes and the codes found in pasted text."""

from __future__ import annotations

import pytest

from mdmcore.codes import code_table, read_code, read_codes
from mdmcore.rules import entry


def test_every_rule_that_the_table_names_exists() -> None:
    for item in code_table().values():
        assert item.meaning
        assert item.source
        for rule_id in item.rules:
            assert entry(rule_id).id == rule_id


@pytest.mark.parametrize(
    ("text", "value", "word"),
    [
        ("0x80180014", 0x80180014, "platform or version refused"),
        ("8018000a", 0x8018000A, "already enrolled"),
        ("2149056532", 0x80180014, "platform or version refused"),
        ("-2016281112", 0x87D1FDE8, "remediation failed"),
        ("0x80072EE7", 0x80072EE7, "name not resolved"),
        ("0x80192EE7", 0x80192EE7, "name not resolved"),
        ("0x80190190", 0x80190190, "HTTP status 400"),
        ("0x801900C8", 0x801900C8, "body not usable"),
        ("0x87D10194", 0x87D10194, "not found"),
        ("0x86000002", 0x86000002, "node not found"),
        ("507", 507, "Atomic failed"),
        ("1226", 1226, "generic alert"),
        ("65000", 65000, "general"),
    ],
)
def test_each_form_is_read(text: str, value: int, word: str) -> None:
    reading = read_code(text)
    assert reading.value == value
    assert word in " ".join(each.meaning for each in reading.entries)


def test_codes_in_a_text_come_once_and_in_order() -> None:
    text = "Failed (0x8018000a - 2149056522), 20261124, hr 0x80180014, syncml(500); AADSTS50001"
    assert [each.text for each in read_codes(text)] == [
        "0x8018000a",
        "0x80180014",
        "500",
        "AADSTS50001",
    ]


def test_an_unknown_code_is_split_and_not_guessed() -> None:
    reading = read_code("0x8018FFFF")
    assert (reading.facility, reading.low, reading.entries) == ("MDM enrolment", 0xFFFF, ())


@pytest.mark.parametrize("text", ["", "\0", "x" * 10000, "0x", "-", "0x123456789"])
def test_what_is_no_code_has_no_value(text: str) -> None:
    assert read_code(text).value is None
    assert read_codes(text) == ()

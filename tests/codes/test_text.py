"""Codes in pasted text: what is marked as one is found, a stray number is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.codes import read_codes
from tests.support.requirements import shared_file


def found(text: str) -> list[list[str]]:
    """Kinds and codes of what is found, in order; an unknown one by its text."""
    return [
        [f"{entry.kind} {entry.code}" for entry in reading.entries] or [f"unknown {reading.text}"]
        for reading in read_codes(text)
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("syncml(500)", [["syncml 500"]]),
        ("The result was syncml(405): ./Device", [["syncml 405"]]),
        ("status 405", [["syncml 405", "http 405"]]),
        ("Status: 404 for ./Vendor", [["syncml 404", "http 404"]]),
        ("<Status><Data>500</Data></Status>", [["syncml 500"]]),
        ("Data>1226<", [["alert 1226"]]),
        ("HTTP/1.1 500 Internal Server Error", [["http 500"]]),
        ("https error: 429", [["http 429"]]),
        ("result: 2149056532", [["hresult 0x80180014"]]),
        ("Result code (0x80180026).", [["hresult 0x80180026"]]),
        ("hr 0x80072ee7", [["win32 12007"]]),
        ("error 65000", [["portal 65000"]]),
        ("wininet error 12007", [["win32 12007"]]),
        ("Alert 1201 and alert code: 1226", [["alert 1201"], ["alert 1226"]]),
        ("Event ID: 404", [["event 404"]]),
        ("MDM Enroll: Failed (Unknown Win32 Error code: 0x80180001)", [["hresult 0x80180001"]]),
        ("(0x8018000a - 2149056522)", [["hresult 0x8018000A"]]),
        ("state 87d1fde8 in the console", [["hresult 0x87D1FDE8"]]),
        ("-2016281112", [["hresult 0x87D1FDE8"]]),
        ("EnrollmentState REG_DWORD 0x3", [["registry EnrollmentState 3"]]),
        ("MENROLL_E_EMPTY_MESSAGE was logged", [["hresult 0x80180029"]]),
        ("see AADSTS50001, then AADSTS90072", [["sign-in AADSTS50001"], ["unknown AADSTS90072"]]),
        ("failed with 0x8018ffff", [["unknown 0x8018ffff"]]),
        ("HTTP 207 Multi-Status", [["http 207"]]),
    ],
)
def test_marked_codes_are_found(text: str, codes: list[list[str]]) -> None:
    assert found(f"Today, {text}") == codes


@pytest.mark.parametrize(
    "text",
    [
        "we have 200 devices in 404 rooms, 507 users",
        "20261124 12:00:01.500 port 8080 took 401 ms",
        "{8018000a-1111-4222-8333-444455556666}",
        "version 10.0.19043.500, 404.html, v500",
        "tel. 0301234567, epoch 1764000000, id 1234567890",
        "Content-Length: 413",
        "<Data>42</Data><Data>365</Data>",
        "zero 0x0 and 0x1f",
        "error 42 in line 500",
        "a200 200b deadbeefdeadbeef",
    ],
)
def test_stray_numbers_are_none(text: str) -> None:
    assert found(text) == []


def test_codes_come_once_and_in_order() -> None:
    text = (
        "Failed (0x8018000a - 2149056522), 20261124, hr 0x80180014, syncml(500), again "
        "0x8018000A; AADSTS50001 and syncml(500)"
    )
    assert found(text) == [
        ["hresult 0x8018000A"],
        ["hresult 0x80180014"],
        ["syncml 500"],
        ["sign-in AADSTS50001"],
    ]


def test_a_text_of_codes_alone_needs_no_marks() -> None:
    assert found("507\n1226, 0x80180014\n507") == [
        ["syncml 507"],
        ["alert 1226"],
        ["hresult 0x80180014"],
    ]


def test_a_real_log_gives_its_codes_and_no_noise() -> None:
    text = shared_file("captures", "win10-enrollment-log.md").read_text("utf-8")
    assert found(text) == found(text[:1_000_000])
    kinds = {code.split()[0] for codes in found(text) for code in codes}
    assert kinds <= {"http", "syncml", "alert"}
    assert ["http 200"] in found(text)


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    for reading in read_codes(text):
        assert reading.text in text


@pytest.mark.parametrize(
    "unit", ["0x", "status ", "event id is ", "Data>", "1", "syncml(", "-", "\n"]
)
def test_hostile_text_costs_no_more_than_its_length(unit: str) -> None:
    assert read_codes(unit * (300_000 // len(unit))) == ()

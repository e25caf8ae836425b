"""Splitting HRESULTs by their facility."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.codes.hresult import http_entry, is_known_facility, read_hresult


@pytest.mark.parametrize(
    ("value", "kind", "code"),
    [
        (0x80180014, "hresult", "0x80180014"),
        (0x80072EE7, "win32", "12007"),
        (0x80192EE7, "win32", "12007"),
        (0x80190190, "http", "400"),
        (0x801900C8, "http", "200"),
        (0x80190001, "hresult", "0x80190001"),
        (0x87D10194, "syncml", "404"),
        (0x82AA0008, "hresult", "0x82AA0008"),
        (0x82AA0002, "hresult", "0x80070002"),
    ],
)
def test_whose_code_the_low_word_is(value: int, kind: str, code: str) -> None:
    entry = read_hresult(value).entry
    assert entry is not None
    assert (entry.kind, entry.code) == (kind, code)


@pytest.mark.parametrize(
    ("value", "facility", "low"),
    [
        (0x8018FFFF, "MDM enrolment", 0xFFFF),
        (0x8007FFFF, "Win32", 0xFFFF),
        (
            0x87D13AF7,
            "Intune; outside the SyncML range its codes belong to iOS and to apps",
            0x3AF7,
        ),
        (0xCAA30194, "sign-in broker (Entra), before MDM", 0x0194),
        (0x80CF3001, "old Intune PC agent", 0x3001),
        (0x88880001, "facility 136", 1),
    ],
)
def test_an_unknown_code_is_split_and_not_guessed(value: int, facility: str, low: int) -> None:
    found = read_hresult(value)
    assert (found.facility, found.low, found.entry) == (facility, low, None)


def test_the_conflicting_meanings_of_0x82aa_are_said_and_not_repeated() -> None:
    entry = read_hresult(0x82AA0008).entry
    assert entry is not None
    assert "other meanings" in entry.conflict


@pytest.mark.parametrize("status", list(HTTPStatus))
def test_every_http_status_has_a_name_and_errors_a_lead(status: HTTPStatus) -> None:
    entry = http_entry(status)
    assert entry.name == status.phrase
    assert entry.rules or not 400 <= status <= 599


@given(st.integers(min_value=0, max_value=0xFFFF_FFFF))
def test_every_number_is_split(value: int) -> None:
    found = read_hresult(value)
    assert found.low == value & 0xFFFF
    assert found.facility
    if found.entry is not None:
        assert is_known_facility(value)

"""One code, in each form that people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.codes import read_code


@pytest.mark.parametrize(
    ("text", "value", "word"),
    [
        ("0x80180014", 0x80180014, "refuses this platform"),
        ("0X80180014", 0x80180014, "refuses this platform"),
        ("80180014", 0x80180014, "refuses this platform"),
        ("8018000a", 0x8018000A, "already enrolled"),
        ("2149056532", 0x80180014, "refuses this platform"),
        ("-2016281112", 0x87D1FDE8, "remediation failed"),
        ("131329", 0x20101, "ADMX file"),
        ("0x20101", 0x20101, "ADMX file"),
        ("0x80072EE7", 0x80072EE7, "not resolved"),
        ("0x2EE7", 12007, "not resolved"),
        ("12007", 12007, "not resolved"),
        ("0x80190190", 0x80190190, "malformed"),
        ("0x801900C8", 0x801900C8, "body is not usable"),
        ("0x87D10194", 0x87D10194, "does not exist"),
        ("0x86000002", 0x86000002, "node not found"),
        ("507", 507, "the Atomic itself"),
        ("1226", 1226, "unenrolment"),
        ("65000", 65000, "general error"),
        ("76", 76, "enrolment failed"),
    ],
)
def test_each_form_is_read(text: str, value: int, word: str) -> None:
    reading = read_code(f" {text}\n")
    assert reading.value == value
    assert word in " ".join(each.meaning for each in reading.entries)


def test_a_small_number_is_told_in_each_of_its_meanings() -> None:
    assert [entry.kind for entry in read_code("404").entries] == ["syncml", "http", "event"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("AADSTS50001", "AADSTS50001"),
        ("aadsts50001", "AADSTS50001"),
        ("EnrollmentState 3", "EnrollmentState 3"),
        ("enrollmentstate=0x3", "EnrollmentState 3"),
        ('EnrollmentState"=dword:00000003', "EnrollmentState 3"),
        ("RenewStatus : 3", "RenewStatus 3"),
        ("s:MessageFormat", "0x80180001"),
        ("NotEligibleToRenew", "0x80180016"),
        ("MENROLL_E_PROV_CSP_W7", "0x8018001F"),
    ],
)
def test_codes_that_are_words(text: str, code: str) -> None:
    (entry,) = read_code(text).entries
    assert entry.code == code


def test_of_a_sign_in_code_at_least_the_class_is_known() -> None:
    assert read_code("AADSTS90072").facility == "sign-in (Entra), before MDM"
    assert read_code("CAA30194").facility == "sign-in broker (Entra), before MDM"
    assert read_code("CAA30194").entries == ()


@pytest.mark.parametrize("text", ["", "\0", "x" * 10000, "0x", "-", "0x123456789", "12345678901"])
def test_what_is_no_code_has_no_value(text: str) -> None:
    reading = read_code(text)
    assert (reading.value, reading.entries) == (None, ())


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    reading = read_code(text)
    assert reading.value is None or 0 <= reading.value <= 0xFFFF_FFFF


@given(st.integers(min_value=0x8000_0000, max_value=0xFFFF_FFFF))
def test_all_writings_of_a_number_mean_the_same(value: int) -> None:
    forms = (f"0x{value:x}", f"{value:08X}", str(value), str(value - (1 << 32)))
    assert {read_code(form).value for form in forms} == {value}

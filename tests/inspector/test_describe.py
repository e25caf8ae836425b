"""Decoded parts of enrolments as plain values: faults and renewals."""

from __future__ import annotations

import json

import pytest

from mdmcore.enrollment.fault import serialize_fault
from tests.support.renewal import renew, renew_message, renewal_csr, renewal_pkcs7
from tests.support.story import CERT_CN, MESSAGE_ID, Story


def test_a_fault_has_its_code_and_meaning() -> None:
    fault = serialize_fault("Authentication", "no", MESSAGE_ID)
    found = Story("win10").enroll(response=fault, status=500).decoded["response"]["fault"]
    assert found["hresult"] == "0x80180002"
    assert found["name"] == "MENROLL_E_DEVICE_AUTHENTICATION_ERROR"
    assert found["meaning"] == "the server could not authenticate the user"


def test_the_detail_of_a_fault_decides_its_code() -> None:
    fault = serialize_fault(
        "Authorization", "too many", MESSAGE_ID, error_type="DeviceCapReached", trace_id="t-1"
    )
    found = Story("win10").enroll(response=fault, status=500).decoded["response"]["fault"]
    assert (found["error_type"], found["message"], found["trace_id"]) == (
        "DeviceCapReached",
        "too many",
        "t-1",
    )
    assert found["hresult"] == "0x80180013"
    assert "too many devices" in found["meaning"]


@pytest.mark.parametrize("layers", [1, 2])
def test_a_renewal_says_who_signed_what(layers: int) -> None:
    found = renew(Story("wp81").enrolled(), renew_message(layers=layers))
    request = found.decoded["request"]
    assert request["renewal"]["base64_layers"] == layers
    assert request["renewal"]["signature"] == "valid"
    assert request["renewal"]["digests"] == ["SHA-256"]
    assert request["renewal"]["signer"]["subject"] == f"CN={CERT_CN}"
    assert request["renewal"]["content_bytes"] == len(renewal_csr())
    assert request["csr"]["subject"] == "CN=DEVICE-0001"
    twice = ", base64 2 times" if layers == 2 else ""
    assert found.summary == (
        f"RST Renew signed by CN={CERT_CN}{twice}, CSR 2048 bits SHA-256 -> CN={CERT_CN}"
    )
    json.dumps(found.decoded)


def test_a_renewal_whose_signature_does_not_hold() -> None:
    broken = renewal_pkcs7()
    broken = broken[:-1] + bytes([broken[-1] ^ 1])
    found = renew(Story("wp81").enrolled(), renew_message(broken))
    assert "does not verify" in found.decoded["request"]["renewal"]["signature"]
    assert f"NOT signed by CN={CERT_CN}" in found.summary


def test_every_truncation_of_a_renewal_is_described() -> None:
    whole = renewal_pkcs7()
    for end in range(1, len(whole), 97):
        found = renew(Story("wp81"), renew_message(whole[:end]))
        assert "problem" in found.decoded["request"]["renewal"]
        assert "unreadable PKCS#7" in found.summary

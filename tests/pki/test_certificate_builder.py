"""Assembled certificates, read back by openssl."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography import x509

from mdmcore.pki.certificate_builder import (
    CertificateForm,
    encode_common_name,
    key_identifier,
    sign_certificate,
)
from tests.support.keys import load_key, spki
from tests.support.openssl import asn1_elements, openssl_output

NAME = encode_common_name(b"X", 0x13)


def build(not_before: datetime, not_after: datetime, *, serial: int = 1) -> bytes:
    form = CertificateForm(
        serial=serial,
        issuer=NAME,
        subject=NAME,
        spki=spki("device"),
        not_before=not_before,
        not_after=not_after,
        extensions=((x509.BasicConstraints(ca=False, path_length=None), True),),
    )
    return sign_certificate(form, load_key("device"))


@pytest.mark.parametrize(
    ("moment", "kind", "text"),
    [
        (datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC), "UTCTIME", "Dec 31 23:59:59 2049 GMT"),
        (datetime(2050, 1, 1, tzinfo=UTC), "GENERALIZEDTIME", "Jan  1 00:00:00 2050 GMT"),
        (
            datetime(2026, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2))),
            "UTCTIME",
            "Dec 31 23:30:00 2025 GMT",
        ),
    ],
)
def test_times_are_written_as_rfc_5280_wants(moment: datetime, kind: str, text: str) -> None:
    der = build(datetime(2026, 1, 1, tzinfo=UTC), moment)
    dates = openssl_output("x509", "-inform", "DER", "-noout", "-enddate", data=der).decode()
    assert dates.strip() == f"notAfter={text}"
    kinds = [one[3] for one in asn1_elements(der) if one[3].endswith("TIME")]
    assert kinds == ["UTCTIME", kind]


def test_serial_with_its_high_bit_set_stays_positive() -> None:
    der = build(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), serial=255)
    text = openssl_output("x509", "-inform", "DER", "-noout", "-serial", data=der)
    assert text.strip() == b"serial=FF"


def test_key_identifier_is_the_one_cryptography_computes() -> None:
    public = load_key("device").public_key()
    expected = x509.SubjectKeyIdentifier.from_public_key(public).digest
    assert key_identifier(spki("device")) == expected


def test_string_type_and_octets_of_the_name_go_in_unchanged() -> None:
    parsed = openssl_output(
        "asn1parse", "-inform", "DER", data=encode_common_name(b"a!\0", 0x0C)
    ).decode()
    assert "l=   3 prim: UTF8STRING" in parsed

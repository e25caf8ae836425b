"""Key usage, as openssl reads it."""

from __future__ import annotations

import re

import pytest

from mdmcore.pki.asn1.key_usage import decode_key_usage
from mdmcore.pki.certificate import parse_certificate
from tests.support.openssl import openssl_output
from tests.support.story import authority, certificate

_WORDS = {"Certificate Sign": "keyCertSign", "CRL Sign": "cRLSign"}


def by_openssl(der: bytes) -> tuple[str, ...]:
    said = openssl_output("x509", "-inform", "DER", "-noout", "-ext", "keyUsage", data=der).decode()
    (line,) = re.findall(r"^\s+(\S.*)$", said, re.M)
    return tuple(_WORDS[word] for word in line.split(", "))


def test_the_usages_of_a_ca() -> None:
    der = authority().certificate
    assert parse_certificate(der).key_usages == by_openssl(der) == ("keyCertSign", "cRLSign")


def test_a_certificate_without_the_extension() -> None:
    assert parse_certificate(certificate()).key_usages is None


@pytest.mark.parametrize(
    ("value", "usages"),
    [
        ("030205a0", ("digitalSignature", "keyEncipherment")),
        ("0303070080", ("decipherOnly",)),
        ("030100", ()),
        ("", None),
        ("0500", None),
        ("0304ff", None),
    ],
)
def test_values(value: str, usages: tuple[str, ...] | None) -> None:
    assert decode_key_usage(bytes.fromhex(value)) == usages
